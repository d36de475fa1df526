"""A step's Arguments against the input shape of the operation they are the request of.

References may stand where their kind fits. Nothing is known of values that only a run gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.definition.errors import PARSE, ExpressionError, Fault, did_you_mean
from slipway.definition.kinds import Kind, Kinds, OperationModel
from slipway.definition.model import Definition, Json, Step
from slipway.definition.references import Expression, Join, parse_expression
from slipway.definition.step_types import FILLED, OPERATIONS

_FITS = {
    "string": ("String", (Kind.STRING,)),
    "integer": ("Integer", (Kind.INTEGER,)),
    "long": ("Integer", (Kind.INTEGER,)),
    "float": ("Float", (Kind.FLOAT, Kind.INTEGER)),
    "double": ("Float", (Kind.FLOAT, Kind.INTEGER)),
    "boolean": ("Boolean", (Kind.BOOLEAN,)),
    "timestamp": ("Timestamp", (Kind.STRING, Kind.INTEGER, Kind.FLOAT)),
}


def check_arguments(definition: Definition, operation_model: OperationModel) -> list[Fault]:
    """Return what SageMaker would refuse in the Arguments of every step that is one request.

    `operation_model` is botocore's `ServiceModel.operation_model` for SageMaker. Messages follow
    AWS's where they are known: unknown members, enums, lengths, sizes, kinds of references.
    """
    kinds = Kinds(definition, operation_model)
    return [fault for step in definition.walk() for fault in _check_step(step, kinds)]


def _check_step(step: Step, kinds: Kinds) -> list[Fault]:
    operation = OPERATIONS.get(step.type)
    if operation is None:
        return []
    check = _Check(step.name, kinds)
    filled = FILLED.get(operation)
    shape = kinds.operation_model(operation).input_shape
    check.structure(step.arguments, shape, "Arguments", not_required=(filled,))
    return check.faults


@dataclass
class _Check:
    """The walk through one step's arguments."""

    step: str
    kinds: Kinds
    faults: list[Fault] = field(default_factory=list)

    def fault(self, message: str, where: str, prefix: str = PARSE) -> None:
        self.faults.append(Fault(message, self.step, where, prefix))

    def value(self, value: Json, shape: Any, where: str) -> None:
        try:
            expression = parse_expression(value)
        except ExpressionError:
            return  # the parser has noted it
        if expression is not None:
            self.expression(expression, shape, where)
            return
        match shape.type_name:
            case "structure":
                self.structure(value, shape, where)
            case "map":
                self.map(value, shape, where)
            case "list":
                self.list(value, shape, where)
            case _:
                self.primitive(value, shape, where)

    def expression(self, expression: Expression, shape: Any, where: str) -> None:
        if shape.type_name == "list":
            self.fault("Expecting start of Json Array.", where)
            return
        if shape.type_name in ("structure", "map"):
            self.fault("Expecting start of Json Object.", where)
            return
        kind = self.kinds.of(expression)
        name, fitting = _FITS.get(shape.type_name, ("String", (Kind.STRING,)))
        if kind is not Kind.ANY and kind not in fitting:
            shown = "Std:Join" if isinstance(expression, Join) else str(expression)
            message = f"Cannot assign property reference [{shown}] to argument of type [{name}]."
            hint = " Wrap it in a Std:Join." if name == "String" and kind in _JOINABLE else ""
            self.fault(message + hint, where, prefix="")

    def structure(
        self, value: Json, shape: Any, where: str, not_required: tuple[str | None, ...] = ()
    ) -> None:
        if not isinstance(value, Mapping):
            self.fault("Expecting start of Json Object.", where)
            return
        for name, inner in value.items():
            if name not in shape.members:
                hint = did_you_mean(name, shape.members)
                self.fault(f"Unknown Argument member '{name}'.{hint}", where)
            elif inner is not None:
                self.value(inner, shape.members[name], f"{where}.{name}")
        for name in shape.required_members:
            if value.get(name) is None and name not in not_required:
                self.fault(f"Model Validation failed: Missing required member '{name}'.", where)

    def map(self, value: Json, shape: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            self.fault("Expecting start of Json Object.", where)
            return
        self.size(len(value), shape, where)
        for name, inner in value.items():
            self.primitive(name, shape.key, f"{where}.{name}")
            if inner is not None:
                self.value(inner, shape.value, f"{where}.{name}")

    def list(self, value: Json, shape: Any, where: str) -> None:
        if not isinstance(value, list | tuple):
            self.fault("Expecting start of Json Array.", where)
            return
        self.size(len(value), shape, where)
        for number, inner in enumerate(value):
            self.value(inner, shape.member, f"{where}[{number}]")

    def size(self, size: int, shape: Any, where: str) -> None:
        name = where.rsplit(".", 1)[-1]
        for limit, word, broken in _limits(shape, size):
            if broken:
                text = f"Length of container {name}={size} cannot be {word}={limit}."
                self.fault(f"Model Validation failed: {text}", where)

    def primitive(self, value: Json, shape: Any, where: str) -> None:
        kind = shape.type_name
        if not _is_of(value, kind):
            name = _FITS.get(kind, ("String",))[0]
            text = f"Expected {name} for {shape.name}, found {_shown(value)}."
            self.fault(f"Model Validation failed: {text}", where)
        elif kind == "string":
            self.string(value, shape, where)
        elif kind in ("integer", "long", "float", "double"):
            for limit, word, broken in _limits(shape, value):
                if broken:
                    text = f"{value} cannot be {word}={float(limit)} defined for {shape.name}."
                    self.fault(f"Model Validation failed: {text}", where)

    def string(self, value: str, shape: Any, where: str) -> None:
        for limit, word, broken in _limits(shape, len(value)):
            if broken:
                text = f"string '{value[:256]}' with length={len(value)} cannot be {word}={float(limit)}"
                self.fault(f"Model Validation failed: {text} defined for {shape.name}.", where)
        if shape.enum and value not in shape.enum:
            text = f"Value '{value}' for '{shape.name}' failed to satisfy enum value set: "
            self.fault(f"Model Validation failed: {text}[{_choices(value, shape.enum)}]", where)


_JOINABLE = (Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN)


def _limits(shape: Any, size: float) -> list[tuple[float, str, bool]]:
    """Return each limit of a shape, in the words of a refusal, and whether the size breaks it."""
    limits = shape.metadata
    low, high = limits.get("min"), limits.get("max")
    return [
        (limit, word, broken)
        for limit, word, broken in (
            (low, "less than min", low is not None and size < low),
            (high, "greater than max", high is not None and size > high),
        )
        if limit is not None
    ]


def _is_of(value: Json, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    match kind:
        case "string" | "blob":
            return isinstance(value, str)
        case "integer" | "long":
            return isinstance(value, int)
        case "float" | "double":
            return isinstance(value, int | float)
        case "timestamp":
            return isinstance(value, str | int | float)
    return False


def _shown(value: Json) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "an array" if isinstance(value, list) else repr(value)


def _choices(value: str, choices: list[str]) -> str:
    """Return the enumeration as AWS lists it; of a long one, that the value is near to first."""
    if len(choices) <= 40:
        return ", ".join(choices)
    return f"{', '.join(choices[:20])}, … {len(choices)} in all.{did_you_mean(value, choices)}"
