"""One attempt at one step: what it knows, and what the references in it mean."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from slipway.definition.errors import ResolveError
from slipway.definition.graph import Graph
from slipway.definition.model import Definition, Json, Primitive, Step
from slipway.definition.resolve import Scope, resolve, without_nulls
from slipway.engine.errors import NoNews
from slipway.engine.state import Execution, StepRun

# Returns a boto3 client of an AWS service, by its name
Api = Callable[[str], Any]


@dataclass(frozen=True)
class Facts:
    """What is settled when an execution starts."""

    arn: str
    id: str
    region: str
    pipeline_arn: str
    pipeline_name: str
    definition: Definition
    graph: Graph
    parameters: Mapping[str, Primitive]
    started: float  # seconds since the epoch
    role: str = ""  # ARN of the role as which the execution calls the API


@dataclass(frozen=True)
class Attempt:
    """One attempt at a step, with everything that it may look at."""

    facts: Facts
    execution: Execution
    step: Step
    run: StepRun
    api: Api
    now: Callable[[], float]
    resumed: bool = False  # an earlier process may have got further than the log says

    def resolve(self, value: Json, variables: Mapping[str, str] | None = None) -> Any:
        """Return a value of the definition without references and nulls; ResolveError."""
        scope = self.scope if variables is None else self.scope_with(variables)
        return without_nulls(resolve(value, scope))

    @cached_property
    def scope(self) -> Scope:
        """What references in this step mean."""
        return self.scope_with({})

    def scope_with(self, variables: Mapping[str, str]) -> Scope:
        """Return the scope with more execution variables."""
        start = at_start(self.facts)
        now = {"CurrentDateTime": iso(self.now())}
        return Scope(
            parameters=start.parameters,
            variables={**start.variables, **now, **variables},
            experiment=experiment_names(self.facts),
            properties=self.properties,
            property_file=self.property_file,
            json_file=self.json_file,
        )

    def properties(self, step: str) -> Json:
        """Return what `Steps.<step>` is; ResolveError when the step has not succeeded."""
        run = self.execution.steps.get(step)
        if run is None or run.status != "Succeeded":
            raise ResolveError(f"step '{step}' has not succeeded, so it has no properties")
        return run.properties

    def property_file(self, step: str, file: str) -> Json:
        """Return the content of a property file of a Processing step."""
        declared = {each.name: each for each in self.facts.graph.steps[step].property_files}
        if file not in declared:
            raise ResolveError(
                f"step '{step}' declares no property file '{file}'; it declares: "
                f"{', '.join(declared) or 'none'}"
            )
        outputs = self.properties(step).get("ProcessingOutputConfig", {}).get("Outputs", [])
        wanted = declared[file].output_name
        for output in outputs:
            if output["OutputName"] == wanted:
                uri = output["S3Output"]["S3Uri"].rstrip("/")
                return self.json_file(f"{uri}/{declared[file].path}")
        raise ResolveError(f"step '{step}' has no output '{wanted}' for property file '{file}'")

    def json_file(self, uri: str) -> Json:
        """Return the JSON that an S3 object holds."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            text = self.api("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except (ConnectionError, HTTPClientError) as error:
            raise NoNews(str(error)) from error
        except (ClientError, BotoCoreError) as error:
            raise ResolveError(
                f"Received an error while reading file {uri} from S3: {error}"
            ) from error
        try:
            return json.loads(text)
        except ValueError as error:
            raise ResolveError(
                f"Contents of file {uri} are not in valid JSON format: {error}"
            ) from error


def at_start(facts: Facts) -> Scope:
    """Return what references mean before any step has run; others raise ResolveError."""
    variables = {
        "StartDateTime": iso(facts.started),
        "CurrentDateTime": iso(facts.started),
        "PipelineName": facts.pipeline_name,
        "PipelineArn": facts.pipeline_arn,
        "PipelineExecutionId": facts.id,
        "PipelineExecutionArn": facts.arn,
    }
    return Scope(parameters=facts.parameters, variables=variables)


def experiment_names(facts: Facts) -> dict[str, str]:
    """Return the resolved experiment and trial names; empty where the definition wants none."""
    config = facts.definition.experiment
    if config is None:
        return {}
    names = {"ExperimentName": config.experiment_name, "TrialName": config.trial_name}
    scope = at_start(facts)
    return {name: str(resolve(value, scope)) for name, value in names.items() if value is not None}


def iso(seconds: float) -> str:
    """Return a time as SageMaker writes it into text: 2022-10-24T18:59:43.851Z."""
    return (
        datetime.fromtimestamp(seconds, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
