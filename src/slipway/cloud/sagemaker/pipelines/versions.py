"""The versions of a pipeline: numbers from 1, one for each definition it has had."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.pipelines.documents import found
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS pipeline_versions (
    region TEXT NOT NULL, pipeline TEXT NOT NULL, number INTEGER NOT NULL,
    definition TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (region, pipeline, number)
)
"""
ALIASES = 10  # that one version may have
VERSIONS = Listing(
    name="Position",
    sort={"CreationTime": "CreationTime"},
    order="Descending",
    since={"CreatedAfter": "CreationTime"},
    before={"CreatedBefore": "CreationTime"},
)


@dataclass(frozen=True)
class Version:
    """One version of a pipeline."""

    number: int
    created: float  # seconds since the epoch
    definition: str
    display_name: str | None = None
    description: str | None = None
    aliases: tuple[str, ...] = ()
    last_execution: str | None = None  # ARN

    def same_definition(self, text: str) -> bool:
        """Tell whether a text says the same as this version's definition."""
        return text == self.definition or json.loads(text) == json.loads(self.definition)

    def shown(self) -> dict[str, Any]:
        """Return the members that DescribePipeline and ListPipelineVersions share."""
        members = {
            "PipelineVersionDisplayName": self.display_name,
            "PipelineVersionDescription": self.description,
            "PipelineVersionAliases": list(self.aliases) or None,
        }
        return {name: value for name, value in members.items() if value is not None}


class Versions:
    """The versions of all pipelines in one region."""

    def __init__(self, state: State, region: str) -> None:
        self._state, self._region = state, region
        with state.transaction() as db:
            db.execute(SCHEMA)

    def add(self, pipeline: str, version: Version) -> None:
        """Store a new version."""
        with self._state.transaction() as db:
            row = (*self._key(pipeline), version.number, version.definition, body(version))
            db.execute("INSERT INTO pipeline_versions VALUES (?,?,?,?,?)", row)

    def replace(self, pipeline: str, version: Version) -> None:
        """Overwrite what is known of a version; its definition stays."""
        with self._state.transaction() as db:
            db.execute(
                "UPDATE pipeline_versions SET body = ? "
                "WHERE region = ? AND pipeline = ? AND number = ?",
                (body(version), *self._key(pipeline), version.number),
            )

    def all(self, pipeline: str) -> list[Version]:
        """Return the versions of a pipeline, oldest first."""
        with self._state.transaction() as db:
            rows = db.execute(
                "SELECT definition, body FROM pipeline_versions "
                "WHERE region = ? AND pipeline = ? ORDER BY number",
                self._key(pipeline),
            ).fetchall()
        return [read(definition, text) for definition, text in rows]

    def newest(self, pipeline: str) -> Version:
        """Return the version that runs when none is named."""
        with self._state.transaction() as db:
            definition, text = db.execute(
                "SELECT definition, body FROM pipeline_versions "
                "WHERE region = ? AND pipeline = ? ORDER BY number DESC LIMIT 1",
                self._key(pipeline),
            ).fetchone()
        return read(definition, text)

    def ran(self, pipeline: str, number: int, arn: str) -> None:
        """Note the last execution of a version."""
        for version in self.all(pipeline):
            if version.number == number:
                self.replace(pipeline, replace(version, last_execution=arn))

    def forget(self, pipeline: str) -> None:
        """Delete all versions of a pipeline."""
        with self._state.transaction() as db:
            db.execute(
                "DELETE FROM pipeline_versions WHERE region = ? AND pipeline = ?",
                self._key(pipeline),
            )

    def _key(self, pipeline: str) -> tuple[str, str]:
        return self._region, pipeline.lower()


def body(version: Version) -> str:
    """Return all of a version but its definition, as JSON."""
    return json.dumps({k: v for k, v in asdict(version).items() if k != "definition"})


def read(definition: str, text: str) -> Version:
    """Return the version that `body` wrote."""
    members = json.loads(text)
    return Version(definition=definition, **{**members, "aliases": tuple(members["aliases"])})


def versions(call: Call) -> Versions:
    """Return the versions of the pipelines in the call's region."""
    return Versions(call.cloud.state, call.region)


def chosen_version(call: Call, pipeline: str, request: dict[str, Any]) -> Version:
    """Return the version that a request names by number or alias, else the newest; ServiceError."""
    number, alias = request.get("PipelineVersionId"), request.get("PipelineVersionAlias")
    if number is not None and alias is not None:
        raise ServiceError(
            "ValidationException",
            "expected at most one of PipelineVersionId and PipelineVersionAlias",
        )
    if number is None and alias is None:
        return versions(call).newest(pipeline)
    for version in versions(call).all(pipeline):
        if version.number == number or alias in version.aliases:
            return version
    named = f"with id {number}" if number is not None else f"with alias {alias}"
    raise ServiceError("ResourceNotFound", f"Pipeline {pipeline} has no version {named}.")


def checked_aliases(aliases: Iterable[str], others: Iterable[Version]) -> tuple[str, ...]:
    """Return the aliases of a version; ServiceError when they are not allowed."""
    unique = tuple(dict.fromkeys(aliases))
    if len(unique) > ALIASES:
        text = f"A version can have at most {ALIASES} aliases, found {len(unique)}."
        raise ServiceError("ValidationException", text)
    for alias in unique:
        if alias.isdigit():
            text = f"Alias {alias} has only digits, as a version id has. Add a letter."
            raise ServiceError("ValidationException", text)
        for other in others:
            if alias in other.aliases:
                text = f"Alias {alias} belongs to version {other.number}. Remove it there first."
                raise ServiceError("ConflictException", text)
    return unique


def list_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a pipeline's versions, newest first (ListPipelineVersions)."""
    pipeline = found(call, request["PipelineName"])
    all_of_them = [
        {
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineVersionId": version.number,
            "CreationTime": moment(version.created),
            "LastExecutionPipelineExecutionArn": version.last_execution,
            **version.shown(),
            "Position": f"{version.number:012}",
        }
        for version in versions(call).all(pipeline["PipelineName"])
    ]
    page, token = VERSIONS.page(all_of_them, request)
    summaries = [{k: v for k, v in each.items() if k != "Position"} for each in page]
    return {"PipelineVersionSummaries": summaries, "NextToken": token}


def update_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a version's names and description (UpdatePipelineVersion)."""
    pipeline = found(call, request["PipelineArn"])
    name = pipeline["PipelineName"]
    with call.cloud.state.transaction():
        version = chosen_version(call, name, {"PipelineVersionId": request["PipelineVersionId"]})
        others = [v for v in versions(call).all(name) if v.number != version.number]
        change = request.get("PipelineVersionAliasOperations", {})
        kept = [alias for alias in version.aliases if alias not in change.get("Remove", [])]
        changed = replace(
            version,
            aliases=checked_aliases([*kept, *change.get("Add", [])], others),
            display_name=request.get("PipelineVersionDisplayName", version.display_name),
            description=request.get("PipelineVersionDescription", version.description),
        )
        versions(call).replace(name, changed)
    return {"PipelineArn": pipeline["PipelineArn"], "PipelineVersionId": version.number}


OPERATIONS: dict[str, Operation] = {
    "ListPipelineVersions": list_versions,
    "UpdatePipelineVersion": update_version,
}
