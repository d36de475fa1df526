"""What kind of value a reference stands for, as far as the definition and AWS's model tell."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from slipway.definition.errors import did_you_mean
from slipway.definition.model import Definition, Parameter, Step
from slipway.definition.paths import Index, Key, Member, Path, render_path
from slipway.definition.references import (
    ExecutionVariable,
    ExperimentReference,
    Expression,
    Join,
    ParameterReference,
    StepProperty,
)
from slipway.definition.resolve import NAMING_MEMBERS
from slipway.definition.step_types import WITHOUT_PROPERTIES

# botocore's `ServiceModel.operation_model`: an operation's name → its input and output shapes.
OperationModel = Callable[[str], Any]


class Kind(StrEnum):
    """The kinds of values; ANY is known only when the pipeline runs."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    BOOLEAN = "Boolean"
    LIST = "List"
    OBJECT = "Object"
    ANY = "Any"


class UnknownProperty(ValueError):
    """A property that the step does not have."""


DESCRIBED_BY: dict[str, tuple[str, ...]] = {
    "Processing": ("DescribeProcessingJob",),
    "Training": ("DescribeTrainingJob",),
    "Transform": ("DescribeTransformJob",),
    "Tuning": ("DescribeHyperParameterTuningJob", "ListTrainingJobsForHyperParameterTuningJob"),
    "AutoML": ("DescribeAutoMLJob",),
    "Model": ("DescribeModel",),
    "RegisterModel": ("DescribeModelPackage",),
    "EndpointConfig": ("DescribeEndpointConfig",),
    "Endpoint": ("DescribeEndpoint",),
    "InferenceComponent": ("DescribeInferenceComponent",),
    "Job": ("DescribeJob",),
}
_CHECKED = {
    "CalculatedBaselineConstraints": Kind.STRING,
    "BaselineUsedForDriftCheckConstraints": Kind.STRING,
}
# Properties beside those of the Describe operations; what lies below an ANY is not checked.
OWN_PROPERTIES: dict[str, dict[str, Kind]] = {
    # a notebook job is a Training step of AWS's headless image
    "Training": {
        "ComputingJobName": Kind.STRING,
        "ComputingJobStatus": Kind.STRING,
        "NotebookJobInputLocation": Kind.STRING,
        "NotebookJobOutputLocationPrefix": Kind.STRING,
        "InputNotebookName": Kind.STRING,
        "OutputNotebookName": Kind.STRING,
    },
    "AutoML": {"BestCandidateProperties": Kind.ANY},
    "Job": {"JobConfigDocument": Kind.ANY},
    "Condition": {"Outcome": Kind.ANY},
    "ClarifyCheck": _CHECKED,
    "QualityCheck": {
        **_CHECKED,
        "CalculatedBaselineStatistics": Kind.STRING,
        "BaselineUsedForDriftCheckStatistics": Kind.STRING,
    },
    "ForEach": {
        "Status": Kind.STRING,
        "InputItemCount": Kind.INTEGER,
        "TotalStepCount": Kind.INTEGER,
        "SucceededStepCount": Kind.INTEGER,
        "FailedStepCount": Kind.INTEGER,
        "StoppedStepCount": Kind.INTEGER,
        "IterationOutputs": Kind.ANY,
        "Selected": Kind.ANY,
    },
    "Lineage": {
        "ActionArns": Kind.ANY,
        "ArtifactArns": Kind.ANY,
        "ContextArns": Kind.ANY,
        "Associations": Kind.ANY,
    },
}
_SHAPE_KINDS = {
    "string": Kind.STRING,
    "integer": Kind.INTEGER,
    "long": Kind.INTEGER,
    "float": Kind.FLOAT,
    "double": Kind.FLOAT,
    "boolean": Kind.BOOLEAN,
    "list": Kind.LIST,
    "structure": Kind.OBJECT,
    "map": Kind.OBJECT,
}


class Kinds:
    """The kinds of the references in one definition."""

    def __init__(self, definition: Definition, operation_model: OperationModel) -> None:
        self.parameters: Mapping[str, Parameter] = {
            each.name: each for each in definition.parameters
        }
        self.steps: Mapping[str, Step] = {step.name: step for step in definition.walk()}
        self.operation_model = operation_model

    def of(self, expression: Expression) -> Kind:
        """Return what an expression yields; ANY for what nothing is known of."""
        match expression:
            case ParameterReference(name) if name in self.parameters:
                return Kind(self.parameters[name].type.value)
            case StepProperty(name, path) if name in self.steps:
                try:
                    return self.property(self.steps[name], path)
                except UnknownProperty:
                    return Kind.ANY
            case Join() | ExecutionVariable() | ExperimentReference():
                return Kind.STRING
        return Kind.ANY

    def property(self, step: Step, path: Path) -> Kind:
        """Return the kind of a step's property; UnknownProperty when it has none of that name."""
        if step.type in WITHOUT_PROPERTIES:
            raise UnknownProperty(f"A {step.type} step has no properties.")
        if step.type in ("Lambda", "Callback"):
            return _output(step, path)
        own = OWN_PROPERTIES.get(step.type, {})
        first = path[0]
        if isinstance(first, Member) and first.name in own:
            return own[first.name] if len(path) == 1 else Kind.ANY
        operations = DESCRIBED_BY.get(step.type)
        if operations is None:
            if own:
                raise UnknownProperty(_unknown(str(first), own))
            return Kind.ANY
        shapes = [self.operation_model(operation).output_shape for operation in operations]
        names = [name for shape in shapes for name in shape.members] + list(own)
        shape = next((each for each in shapes if str(first)[1:] in each.members), None)
        if shape is None:
            raise UnknownProperty(_unknown(str(first), names))
        for depth, element in enumerate(path):
            shape = _below(shape, element, path[:depth])
        return _SHAPE_KINDS.get(shape.type_name, Kind.ANY)


def _output(step: Step, path: Path) -> Kind:
    outputs = {output.name: Kind(output.type.value) for output in step.output_parameters}
    match path:
        case (Member("OutputParameters"), Key(name) | Member(name)) if name in outputs:
            return outputs[name]
        case (Member("OutputParameters"), Key(name) | Member(name)):
            raise UnknownProperty(f"It has no output '{name}'.{did_you_mean(name, outputs)}")
        case (Member("OutputParameters"), _, _, *_):
            raise UnknownProperty(
                "An output that is an object is one JSON string; it has no parts."
            )
    raise UnknownProperty("Expected OutputParameters['name'].")


def _below(shape: Any, element: Member | Index | Key, before: Path) -> Any:
    """Return the shape that a path element leads to."""
    match shape.type_name, element:
        case "structure", (Member(name) | Key(name)) if name in shape.members:
            return shape.members[name]
        case "structure", _:
            raise UnknownProperty(_unknown(str(element), shape.members, before))
        case "map", (Member() | Key()):
            return shape.value
        case "list", Index():
            return shape.member
        case "list", Key() if set(NAMING_MEMBERS) & set(getattr(shape.member, "members", ())):
            return shape.member
        case "list", _:
            expected = "an index such as [0]"
            raise UnknownProperty(f"{render_path(before)[1:]} is a list: expected {expected}.")
    raise UnknownProperty(f"{render_path(before)[1:]} is a {shape.type_name}, it has no parts.")


def _unknown(element: str, known: Any, before: Path = ()) -> str:
    name = element.strip(".[']")
    inside = f" in {render_path(before)[1:]}" if before else ""
    return f"There is no property '{name}'{inside}.{did_you_mean(name, known)}"
