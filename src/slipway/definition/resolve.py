"""From values with references to plain values, given what an execution knows."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from slipway.definition.errors import ResolveError, did_you_mean
from slipway.definition.model import Json, Primitive
from slipway.definition.paths import Index, Key, Member, Path
from slipway.definition.references import (
    CurrentItem,
    ExecutionVariable,
    ExperimentReference,
    Expression,
    IterationOutput,
    Join,
    JsonGet,
    ParameterReference,
    PropertyFileReference,
    StepProperty,
    parse_expression,
)
from slipway.definition.render import render

# Lists whose elements are also found by name, and the member that has the name.
NAMING_MEMBERS = ("OutputName", "InputName", "MetricName")


def _no_step(step: str) -> Json:
    raise ResolveError(f"step '{step}' has no properties here")


def _no_property_file(step: str, file: str) -> Json:
    raise ResolveError(f"property file '{file}' of step '{step}' is not available here")


def _no_json_file(uri: str) -> Json:
    raise ResolveError(f"{uri} is not available here")


@dataclass(frozen=True)
class Scope:
    """What references mean in one execution; the callables may raise ResolveError themselves.

    `properties` takes a step name and returns what `Steps.<name>` is: the Describe… answer of the
    step's job, `{"Outcome": "true"}` for a condition, `{"OutputParameters": {name: value}}` for a
    Lambda. `property_file` takes a step and the name of its property file, `json_file` an S3 URI;
    both return the parsed JSON. `item` is the current item of a ForEach body.
    """

    parameters: Mapping[str, Primitive] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    experiment: Mapping[str, str] = field(default_factory=dict)
    properties: Callable[[str], Json] = _no_step
    property_file: Callable[[str, str], Json] = _no_property_file
    json_file: Callable[[str], Json] = _no_json_file
    item: Json = None


def resolve(value: Json, scope: Scope) -> Json:
    """Return the value with every expression in it replaced by what it stands for.

    Raises ResolveError that names the reference; results keep their JSON type.
    """
    expression = parse_expression(value)
    if expression is not None:
        return _evaluate(expression, scope)
    if isinstance(value, Mapping):
        return {name: resolve(inner, scope) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(inner, scope) for inner in value]
    return value


def without_nulls(value: Json) -> Json:
    """Return a request without its null members, which SDKs emit and the API takes as absent."""
    if isinstance(value, Mapping):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _evaluate(expression: Expression, scope: Scope) -> Json:
    match expression:
        case ParameterReference(name):
            return _named(scope.parameters, name, expression)
        case ExecutionVariable(name):
            return _named(scope.variables, name, expression)
        case ExperimentReference(name):
            return _named(scope.experiment, name, expression)
        case StepProperty(step, path):
            return follow(scope.properties(step), path, str(expression), enters_json(path))
        case CurrentItem(path):
            return follow(scope.item, path, str(expression), enter_json=True)
        case Join(on, values):
            return on.join(_text(resolve(value, scope)) for value in values)
        case JsonGet(PropertyFileReference(step, file), path):
            name = f"property file '{file}' of step '{step}'"
            return follow(scope.property_file(step, file), path, name)
        case JsonGet(source, path):
            uri = _text(resolve(source, scope))
            return follow(scope.json_file(uri), path, uri)
        case IterationOutput():
            raise ResolveError(f"{expression} is only for the selector of a ForEach step")
    assert_never(expression)


def enters_json(path: Path) -> bool:
    """Return whether a path may go on inside a string that holds JSON: a Job's document may."""
    return path[:1] == (Member("JobConfigDocument"),)


def _named(values: Mapping[str, Any], name: str, expression: Expression) -> Json:
    if name not in values:
        raise ResolveError(f"{expression} has no value.{did_you_mean(name, values)}")
    return values[name]


def _text(value: Json) -> str:
    if isinstance(value, str | int | float):
        return render(value)
    kind = "null" if value is None else "a list" if isinstance(value, list) else "an object"
    raise ResolveError(f"Std:Join takes strings, numbers and booleans, found {kind}")


def follow(document: Json, path: Path, name: str, enter_json: bool = False) -> Json:
    """Return what lies at a path in a document; ResolveError, which names both, if nothing does.

    A key finds an element of a list by its OutputName, InputName or MetricName.
    """
    value = document
    for depth, element in enumerate(path):
        if enter_json and isinstance(value, str):
            value = _entered(value, name)
        found = _step_into(value, element)
        if found is _NOTHING:
            gone = "".join(str(each) for each in path[:depth]) or "the top"
            raise ResolveError(f"{name}: there is no {element} at {gone}.{_there(value)}")
        value = found
    return value


_NOTHING = object()


def _step_into(value: Json, element: Member | Index | Key) -> Json:
    match element, value:
        case ((Member(name) | Key(name)), Mapping()):
            return value.get(name, _NOTHING)
        case Index(number), list() if number < len(value):
            return value[number]
        case Key(name), list():
            return next((each for each in value if name in _names(each)), _NOTHING)
    return _NOTHING


def _names(value: Json) -> tuple[str, ...]:
    if not isinstance(value, Mapping):
        return ()
    return tuple(value[member] for member in NAMING_MEMBERS if member in value)


def _there(value: Json) -> str:
    match value:
        case Mapping():
            return (
                f" There is: {', '.join(sorted(map(str, value))[:20])}." if value else " It is {}."
            )
        case list():
            named = [name for each in value for name in _names(each)]
            return f" It is a list of {len(value)}{': ' + ', '.join(named) if named else ''}."
    return f" It is a {type(value).__name__}."


def _entered(text: str, name: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        raise ResolveError(f"{name}: the string '{text[:80]}' is not JSON") from None
