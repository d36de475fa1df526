"""Conditions that fail or that decide nothing."""

from collections.abc import Iterable, Iterator

from slipway.definition.conditions import kind as kind_of_value
from slipway.definition.kinds import Kind
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.model import (
    Comparison,
    Condition,
    Disjunction,
    Json,
    Membership,
    Negation,
    Operator,
    Step,
)
from slipway.definition.references import parse_expression

_KINDS = {
    Kind.STRING: "String",
    Kind.INTEGER: "Number",
    Kind.FLOAT: "Number",
    Kind.BOOLEAN: "Boolean",
}


def _each(subject: Subject) -> Iterator[tuple[Step, Condition]]:
    for step in subject.steps:
        yield from ((step, condition) for condition in _within(step.conditions))


def _within(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        yield condition
        match condition:
            case Negation(inner):
                yield from _within((inner,))
            case Disjunction(inner):
                yield from _within(inner)


def _kind(subject: Subject, value: Json) -> str | None:
    """Return what a value will be in a comparison, None when only a run tells."""
    expression = parse_expression(value)
    if expression is None:
        return kind_of_value(value)
    return _KINDS.get(subject.kinds.of(expression))


def condition_types(subject: Subject) -> Iterator[Problem]:
    """A comparison of a string with a number, say."""
    for step, condition in _each(subject):
        if isinstance(condition, Comparison):
            left, right = _kind(subject, condition.left), _kind(subject, condition.right)
            if left and right and left != right:
                yield Problem(
                    f"{condition.operator} compares a {left} with a {right}; the step will fail.",
                    "Compare values of one type: declare the parameter with the type of the other "
                    "side, or make text of both with Std:Join.",
                    step.name,
                    "Arguments.Conditions",
                )
            elif left not in ("Number", "String", None) and condition.operator != Operator.EQUALS:
                yield Problem(
                    f"{condition.operator} does not apply to a {left}; the step will fail.",
                    "Use Equals.",
                    step.name,
                    "Arguments.Conditions",
                )


def membership_types(subject: Subject) -> Iterator[Problem]:
    """An In whose list has no value of the type asked for."""
    for step, condition in _each(subject):
        if isinstance(condition, Membership):
            query = _kind(subject, condition.query)
            kinds = {_kind(subject, value) for value in condition.values}
            if query and None not in kinds and query not in kinds:
                found = ", ".join(sorted(str(kind) for kind in kinds)) or "nothing"
                message = f"In asks for a {query} among {found}; it never holds."
                fix = "List values of the type asked for."
                yield Problem(message, fix, step.name, "Arguments.Conditions")


def strings_in_order(subject: Subject) -> Iterator[Problem]:
    """An order of numbers written as strings: they compare by character, "10" < "9"."""
    for step, condition in _each(subject):
        if isinstance(condition, Comparison) and condition.operator != Operator.EQUALS:
            values = (condition.left, condition.right)
            numeric = [each for each in values if isinstance(each, str) and _is_numeric(each)]
            if numeric:
                message = f"'{numeric[0]}' is a string: the order is by character, '10' < '9'."
                fix = "Write the number without quotes, and compare it with a number."
                yield Problem(message, fix, step.name, "Arguments.Conditions")


def _is_numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def constant_condition(subject: Subject) -> Iterator[Problem]:
    """A condition that comes out the same in every execution."""
    deciding = {
        step.name
        for step, where, _ in subject.expressions
        if where.startswith("Arguments.Conditions")
    }
    for step in subject.steps:
        if step.type == "Condition" and step.name not in deciding:
            message = "Its conditions refer to nothing: the outcome is always the same."
            fix = "Compare with a parameter or a result, or take the branch's steps out of it."
            yield Problem(message, fix, step.name, "Arguments.Conditions")


RULES = (
    Rule("condition-types", Severity.ERROR, condition_types),
    Rule("membership-types", Severity.WARNING, membership_types),
    Rule("strings-in-order", Severity.WARNING, strings_in_order),
    Rule("constant-condition", Severity.WARNING, constant_condition),
)
