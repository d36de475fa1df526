"""Reading the conditions of a Condition step."""

from slipway.definition.model import (
    Comparison,
    Condition,
    Disjunction,
    Membership,
    Negation,
    Operator,
)
from slipway.definition.reader import Reader

_TYPES = (*Operator, "In", "Not", "Or")


def parse_conditions(reader: Reader, key: str) -> tuple[Condition, ...]:
    """Return the conditions of a list member, without the faulty ones, which are noted."""
    parsed = [parse_condition(element) for element in reader.elements(key)]
    return tuple(condition for condition in parsed if condition is not None)


def parse_condition(reader: Reader) -> Condition | None:
    """Return one condition, None when it is faulty.

    Beside the SDKs' forms it takes the published schema's: `NotEquals`, `NotIn`, and `In` with the
    keys Value and In.
    """
    if not reader.required("Type"):
        return None
    match reader.text("Type"):
        case "NotEquals":
            return _negated(_comparison(reader, Operator.EQUALS))
        case "In":
            return _membership(reader)
        case "NotIn":
            return _negated(_membership(reader))
        case "Not":
            reader.only("Type", "Condition")
            if not reader.required("Condition"):
                return None
            return _negated(parse_condition(reader.inner("Condition")))
        case "Or":
            reader.only("Type", "Conditions")
            if not reader.required("Conditions"):
                return None
            return Disjunction(parse_conditions(reader, "Conditions"))
        case None:
            return None
        case kind:
            operator = reader.one_of(kind, Operator, "Type")
            return _comparison(reader, operator) if operator else None


def _negated(condition: Condition | None) -> Condition | None:
    return Negation(condition) if condition is not None else None


def _comparison(reader: Reader, operator: Operator) -> Condition | None:
    reader.only("Type", "LeftValue", "RightValue")
    both = [reader.required(key) for key in ("LeftValue", "RightValue")]
    if not all(both):
        return None
    return Comparison(operator, reader.members["LeftValue"], reader.members["RightValue"])


def _membership(reader: Reader) -> Condition | None:
    query, values = ("Value", "In") if reader.has("In") else ("QueryValue", "Values")
    reader.only("Type", query, values)
    both = [reader.required(key) for key in (query, values)]
    if not all(both):
        return None
    return Membership(reader.members[query], tuple(reader.array(values)))
