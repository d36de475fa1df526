"""The values of an execution's parameters: what was given at start, else the defaults."""

import math
import re
from collections.abc import Iterable, Mapping

from slipway.definition.errors import ParameterError, did_you_mean
from slipway.definition.model import Definition, Parameter, ParameterType, Primitive
from slipway.definition.render import render

LONGEST = 1024  # characters of a start value


def effective_values(
    definition: Definition, given: Iterable[Mapping[str, str]] = ()
) -> dict[str, Primitive]:
    """Return the typed value of every parameter, in the order declared.

    `given` is what StartPipelineExecution takes: objects with Name and Value, all strings. Raises
    ParameterError with every fault: unknown or repeated name, no value, wrong type, not in the enum.
    """
    declared = {parameter.name: parameter for parameter in definition.parameters}
    faults: list[str] = []
    values: dict[str, Primitive] = {}
    for pair in given:
        name, text = pair["Name"], pair["Value"]
        if name not in declared:
            hint = did_you_mean(name, declared) or " The pipeline has no parameters."
            faults.append(f"Unknown parameter '{name}'.{hint}")
            continue
        if name in values:
            faults.append(f"Parameter '{name}' is given more than once.")
        try:
            values[name] = typed(declared[name], text)
        except ParameterError as error:
            faults += error.faults
            values[name] = text
    for parameter in definition.parameters:
        if parameter.name not in values and parameter.default is None:
            faults.append(f"Parameter '{parameter.name}' is undefined.")
    if faults:
        raise ParameterError(faults)
    defaults = {each.name: each.default for each in declared.values() if each.default is not None}
    return {name: values.get(name, defaults.get(name, "")) for name in declared}


def typed(parameter: Parameter, text: str) -> Primitive:
    """Return a start value in the parameter's type; ParameterError when it has none in it."""
    name = parameter.name
    if len(text) > LONGEST:
        limits = f"(length: {len(text)}, maximum allowed: {LONGEST})"
        raise ParameterError([f'[string "{text[:80]}" is too long {limits}] for parameter {name}'])
    if parameter.enum_values and text not in parameter.enum_values:
        choices = list(parameter.enum_values)
        raise ParameterError([f"Value '{text}' of parameter '{name}' is not one of {choices}."])
    value = _read(parameter.type, text)
    if value is None:
        raise ParameterError(
            [
                f"Unexpected type for parameter '{name}'. "
                f"Expected {parameter.type} but found '{text}'."
            ]
        )
    return value


def _read(kind: ParameterType, text: str) -> Primitive | None:
    match kind:
        case ParameterType.STRING:
            return text
        case ParameterType.INTEGER:
            return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
        case ParameterType.FLOAT:
            return _float(text)
        case ParameterType.BOOLEAN:
            return {"true": True, "false": False}.get(text.lower())


def _float(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def as_strings(values: Mapping[str, Primitive]) -> dict[str, str]:
    """Return values as ListPipelineParametersForExecution shows them: '50', '6.0', 'true'."""
    return {name: render(value) for name, value in values.items()}
