"""The app synthesized in this process, and templates made readable."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.app import build
from infra.constructs.policy import flat
from infra.settings.model import Settings

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]


@dataclass(frozen=True)
class Assembly:
    """What a synthesis wrote."""

    folder: Path

    @property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Return the templates by stack, without the environment's prefix."""
        return {
            path.name.removesuffix(".template.json").split("-")[-1]: json.loads(path.read_text())
            for path in sorted(self.folder.glob("*.template.json"))
        }

    def resources(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield (stack, logical id, resource)."""
        for stack, template in self.templates.items():
            for logical_id, resource in template["Resources"].items():
                yield stack, logical_id, resource


def new_app(folder: Path) -> cdk.App:
    """Return an app as the CDK CLI runs it."""
    return cdk.App(
        outdir=str(folder),
        context=CONTEXT,
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
    )


def synthesize(settings: Settings, folder: Path) -> Assembly:
    """Build and check the app; a finding of a check is an error."""
    app = new_app(folder)
    build(app, settings)
    app.synth()
    return Assembly(folder)


def readable(template: dict[str, Any]) -> dict[str, Any]:
    """Return a template as a person reads it: references as `<Name>`, without hashes and tags."""
    return {
        "Resources": {
            logical_id: {
                key: plain(value)
                for key, value in resource.items()
                if key not in ("Metadata", "UpdateReplacePolicy")
            }
            for logical_id, resource in template["Resources"].items()
        },
        "Outputs": {
            name: plain(output["Value"])
            for name, output in template.get("Outputs", {}).items()
            if not name.startswith("ExportsOutput")
        },
    }


def plain(value: Any) -> Any:
    """Return a value with each reference as text; assets have no hash, resources no tags."""
    match value:
        case {"S3Bucket": _, "S3Key": _}:
            return "<asset>"
        case dict() if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return flat(value)
        case dict():
            return {key: plain(each) for key, each in value.items() if key != "Tags"}
        case list():
            return [plain(each) for each in value]
        case _:
            return value
