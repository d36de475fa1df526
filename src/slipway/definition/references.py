"""The expressions that may stand for a value: `Get`, `Std:Join`, `Std:JsonGet`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from slipway.definition.errors import ExpressionError
from slipway.definition.model import Json
from slipway.definition.paths import Key, Member, Path, parse_path, render_path

EXECUTION_VARIABLES = (
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
)
FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")


@dataclass(frozen=True)
class ParameterReference:
    """`Parameters.Name`."""

    name: str

    def __str__(self) -> str:
        return f"Parameters.{self.name}"


@dataclass(frozen=True)
class StepProperty:
    """`Steps.Name.path`."""

    step: str
    path: Path

    def __str__(self) -> str:
        return f"Steps.{self.step}{render_path(self.path)}"


@dataclass(frozen=True)
class ExecutionVariable:
    """`Execution.Name`, one of `EXECUTION_VARIABLES`."""

    name: str

    def __str__(self) -> str:
        return f"Execution.{self.name}"


@dataclass(frozen=True)
class ExperimentReference:
    """`PipelineExperimentConfig.ExperimentName` or `.TrialName`."""

    name: str

    def __str__(self) -> str:
        return f"PipelineExperimentConfig.{self.name}"


@dataclass(frozen=True)
class CurrentItem:
    """`ForEach.CurrentItem` and what lies below it; in ForEach bodies only."""

    path: Path = ()

    def __str__(self) -> str:
        return f"ForEach.CurrentItem{render_path(self.path)}"


@dataclass(frozen=True)
class IterationOutput:
    """`IterationOutput.BodyStep.path`; in a ForEach selector only."""

    step: str
    path: Path

    def __str__(self) -> str:
        return f"IterationOutput.{self.step}{render_path(self.path)}"


Reference = (
    ParameterReference
    | StepProperty
    | ExecutionVariable
    | ExperimentReference
    | CurrentItem
    | IterationOutput
)


@dataclass(frozen=True)
class Join:
    """`Std:Join`: the values as text, with `on` between them."""

    on: str
    values: tuple[Json, ...]


@dataclass(frozen=True)
class PropertyFileReference:
    """`Steps.Name.PropertyFiles.File`, the source of a `Std:JsonGet`."""

    step: str
    file: str


@dataclass(frozen=True)
class JsonGet:
    """`Std:JsonGet`: a value in a property file, or in the JSON object at an S3 URI (raw value)."""

    source: PropertyFileReference | Json
    path: Path


Expression = Reference | Join | JsonGet


def parse_get(text: str) -> Reference:
    """Read the text of a `Get`; ExpressionError when it is none of the known forms."""
    root, _, rest = text.partition(".")
    name, tail = _head(rest)
    if not name:
        raise ExpressionError(f"'{text}' is not a reference: expected e.g. Parameters.Name")
    match root:
        case "Parameters" if not tail:
            return ParameterReference(name)
        case "Steps" if tail:
            return StepProperty(name, parse_path(tail))
        case "Execution" if not tail:
            if name in EXECUTION_VARIABLES:
                return ExecutionVariable(name)
            known = ", ".join(EXECUTION_VARIABLES)
            raise ExpressionError(f"'{text}': unknown execution variable; known: {known}")
        case "PipelineExperimentConfig" if name in ("ExperimentName", "TrialName") and not tail:
            return ExperimentReference(name)
        case "ForEach" if name == "CurrentItem":
            return CurrentItem(parse_path(tail))
        case "IterationOutput" if tail:
            return IterationOutput(name, parse_path(tail))
    raise ExpressionError(
        f"'{text}' is not a reference: expected Parameters.Name, Steps.Name.Property, "
        "Execution.Variable or PipelineExperimentConfig.{ExperimentName,TrialName}"
    )


def _head(text: str) -> tuple[str, str]:
    end = min((at for at in (text.find("."), text.find("[")) if at >= 0), default=len(text))
    return text[:end], text[end:]


def parse_expression(value: Json) -> Expression | None:
    """Return the expression that a JSON value is, None for any other value.

    Raises ExpressionError when it is meant as one (its only key is a function) but is malformed.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (function, argument), *_ = value.items()
    match function:
        case "Get":
            if not isinstance(argument, str):
                raise ExpressionError("Get expects a string")
            return parse_get(argument)
        case "Std:Join":
            return _parse_join(argument)
        case "Std:JsonGet":
            return _parse_json_get(argument)
    return None


def _parse_join(argument: Json) -> Join:
    if not isinstance(argument, Mapping) or not argument.keys() <= {"On", "Values"}:
        raise ExpressionError("Std:Join expects an object with the keys On and Values")
    on, values = argument.get("On", ""), argument.get("Values")
    if not isinstance(on, str):
        raise ExpressionError("Std:Join expects a string in On")
    if not isinstance(values, list):
        raise ExpressionError("Expecting start of Json Array.")
    return Join(on, tuple(values))


def _parse_json_get(argument: Json) -> JsonGet:
    if not isinstance(argument, Mapping) or argument.keys() - {"PropertyFile", "S3Uri", "Path"}:
        raise ExpressionError("Std:JsonGet expects the keys PropertyFile or S3Uri, and Path")
    if ("PropertyFile" in argument) == ("S3Uri" in argument):
        raise ExpressionError("Std:JsonGet expects exactly one of PropertyFile and S3Uri")
    path = argument.get("Path")
    if not isinstance(path, str):
        raise ExpressionError("Std:JsonGet expects a literal string in Path")
    steps = parse_path(path.removeprefix("$"))
    if "S3Uri" in argument:
        return JsonGet(argument["S3Uri"], steps)
    file = parse_expression(argument["PropertyFile"])
    match file:
        case StepProperty(step, (Member("PropertyFiles"), Member(name) | Key(name))):
            return JsonGet(PropertyFileReference(step, name), steps)
    raise ExpressionError(
        'Std:JsonGet expects {"Get": "Steps.<step>.PropertyFiles.<name>"} in PropertyFile'
    )


def expressions(value: Json, where: str = "") -> Iterator[tuple[str, Expression]]:
    """Yield every expression in a JSON value with its place, outer ones before inner ones.

    The property file of a `Std:JsonGet` belongs to it and is not yielded on its own.
    Raises ExpressionError at the first malformed one.
    """
    expression = parse_expression(value)
    match expression:
        case None:
            for place, inner in children(value, where):
                yield from expressions(inner, place)
            return
        case Join(_, values):
            yield where, expression
            for inner in values:
                yield from expressions(inner, where)
        case JsonGet(source, _):
            yield where, expression
            if not isinstance(source, PropertyFileReference):
                yield from expressions(source, where)
        case _:
            yield where, expression


def children(value: Json, where: str = "") -> Iterator[tuple[str, Json]]:
    """Yield the members or elements of a JSON value with their places; none for a primitive."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield f"{where}.{name}" if where else cast(str, name), inner
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield f"{where}[{number}]", inner
