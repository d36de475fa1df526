"""From the definition JSON to `model.Definition`; every fault of form is found in one go.

What lies between steps (unknown references, cycles, …) and the shape of Arguments is for `check`.
"""

import json
from collections.abc import Mapping

from slipway.definition.errors import DefinitionError, Fault
from slipway.definition.load import check_depth, load
from slipway.definition.model import (
    Definition,
    ExperimentConfig,
    Json,
    Parameter,
    ParameterType,
    Primitive,
    Step,
)
from slipway.definition.parse_step import parse_step
from slipway.definition.reader import Reader

VERSION = "2020-12-01"
PARAMETERS = 200


def parse(source: str | Mapping[str, Json]) -> Definition:
    """Read a whole definition, as text or as the object it holds.

    Raises DefinitionError with all faults found, in AWS's wording where it is known.
    """
    try:
        loaded = load(source) if isinstance(source, str) else source
        check_depth(loaded)
    except ValueError as error:
        raise DefinitionError([Fault(str(error))]) from error
    faults: list[Fault] = []
    reader = Reader(loaded, faults)
    keys = ("Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig")
    reader.only(*keys, "Steps")
    if reader.has("Version") and reader.text("Version") not in (VERSION, None):
        reader.fault(f"Unknown version '{reader.members['Version']}': expected {VERSION}.")
    reader.required("Steps")
    mlflow = reader.mapping("MlflowConfig")
    reader.check_expressions(mlflow, "MlflowConfig")
    definition = Definition(
        steps=tuple(parse_step(each) for each in reader.elements("Steps")),
        parameters=_parameters(reader),
        metadata=_metadata(reader),
        experiment=_experiment(reader),
        mlflow=mlflow if reader.has("MlflowConfig") else None,
        raw=reader.members,
    )
    if faults:
        raise DefinitionError(faults)
    return definition


def parse_one_step(source: Mapping[str, Json]) -> Step:
    """Read the object of a single step, as an SDK's step emits it; DefinitionError as in `parse`."""
    faults: list[Fault] = []
    step = parse_step(Reader(source, faults))
    if faults:
        raise DefinitionError(faults)
    return step


def _parameters(reader: Reader) -> tuple[Parameter, ...]:
    parameters = [_parameter(each) for each in reader.elements("Parameters")]
    if len(parameters) > PARAMETERS:
        reader.fault(f"{len(parameters)} parameters: at most {PARAMETERS} are allowed.")
    return tuple(parameter for parameter in parameters if parameter is not None)


def _parameter(reader: Reader) -> Parameter | None:
    reader.only("Name", "Type", "DefaultValue", "EnumValues", "Description")
    pattern = r"[A-Za-z0-9\-_]{1,256}"
    name = reader.text("Name", pattern=pattern) if reader.required("Name") else None
    kind = reader.choice("Type", ParameterType) if reader.has("Type") else ParameterType.STRING
    if name is None or kind is None:
        return None
    default = reader.members.get("DefaultValue")
    if default is not None and not _fits(default, kind):
        found = json.dumps(default)
        reader.fault(f"Default of parameter '{name}': expected {kind}, found {found}.")
        return None
    choices = reader.texts("EnumValues")
    if choices and kind is not ParameterType.STRING:
        reader.fault(f"Parameter '{name}': EnumValues are for String parameters only.")
    elif choices and default is not None and default not in choices:
        reader.fault(f"Default '{default}' of parameter '{name}' is not one of {list(choices)}.")
    value: Primitive | None = default
    if kind is ParameterType.FLOAT and isinstance(value, int):
        value = float(value)
    if isinstance(value, str) and len(value) > 4096:
        limits = f"(length: {len(value)}, maximum allowed: 4096)"
        reader.fault(f"Default of parameter '{name}' is too long {limits}.")
    return Parameter(name, kind, value, choices, reader.text("Description", longest=3072))


def _fits(value: Json, kind: ParameterType) -> bool:
    """Return whether a JSON value is of a parameter's type; any number is a Float."""
    if isinstance(value, bool):
        return kind is ParameterType.BOOLEAN
    match kind:
        case ParameterType.STRING:
            return isinstance(value, str)
        case ParameterType.INTEGER:
            return isinstance(value, int)
        case ParameterType.FLOAT:
            return isinstance(value, int | float)
    return False


def _metadata(reader: Reader) -> dict[str, str]:
    metadata = reader.mapping("Metadata")
    for key, value in metadata.items():
        if not isinstance(value, str) or len(key) > 128 or len(value) > 1024:
            reader.fault("Expecting keys up to 128 and strings up to 1024 characters.", "Metadata")
    return dict(metadata)


def _experiment(reader: Reader) -> ExperimentConfig | None:
    if not reader.has("PipelineExperimentConfig"):
        return None
    config = reader.inner("PipelineExperimentConfig")
    config.only("ExperimentName", "TrialName")
    config.check_expressions(config.members)
    for key in ("ExperimentName", "TrialName"):
        if not isinstance(config.members.get(key), Mapping):  # a reference
            config.text(key, longest=120)
    return ExperimentConfig(config.members.get("ExperimentName"), config.members.get("TrialName"))
