"""Parameters that nothing uses or nothing can fill."""

from collections.abc import Iterator

from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.references import ParameterReference


def unused_parameter(subject: Subject) -> Iterator[Problem]:
    """A parameter that no step refers to: overriding it changes nothing."""
    everywhere = [expression for _, _, expression in subject.expressions]
    everywhere += [expression for _, expression in subject.outside_steps]
    used = {each.name for each in everywhere if isinstance(each, ParameterReference)}
    for parameter in subject.definition.parameters:
        if parameter.name not in used:
            message = f"Parameter '{parameter.name}' is not used by any step."
            yield Problem(message, "Use it, or remove it.", where="Parameters")


RULES = (Rule("unused-parameter", Severity.WARNING, unused_parameter),)
