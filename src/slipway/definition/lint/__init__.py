"""Rules that look over a definition: what SageMaker would refuse, and what would go wrong later.

One file per theme, one small function per rule; each finding says what to do.
"""

from collections.abc import Mapping

from slipway.definition.errors import DefinitionError, Fault
from slipway.definition.kinds import OperationModel
from slipway.definition.lint import (
    arguments,
    caching,
    conditions,
    names,
    order,
    parameters,
    property_files,
    references,
    retries,
)
from slipway.definition.lint.rule import Finding, Problem, Rule, Severity, Subject
from slipway.definition.model import Definition, Json
from slipway.definition.parse import parse

__all__ = ["RULES", "Finding", "Rule", "Severity", "lint"]

RULES: tuple[Rule, ...] = (
    *names.RULES,
    *references.RULES,
    *order.RULES,
    *arguments.RULES,
    *conditions.RULES,
    *parameters.RULES,
    *property_files.RULES,
    *caching.RULES,
    *retries.RULES,
)


def lint(
    source: Definition | str | Mapping[str, Json],
    operation_model: OperationModel,
    rules: tuple[Rule, ...] = RULES,
) -> tuple[Finding, ...]:
    """Return what the rules find, errors first, then in the order of the steps.

    `operation_model` is `ServiceModel.operation_model` of botocore's SageMaker model. A source
    that cannot be parsed yields its faults as findings of the rule `parse`, and no others.
    """
    try:
        definition = source if isinstance(source, Definition) else parse(source)
    except DefinitionError as error:
        return tuple(
            Finding("parse", Severity.ERROR, True, **vars(_unreadable(fault)))
            for fault in error.faults
        )
    subject = Subject(definition, operation_model)
    found = [finding for rule in rules for finding in rule.findings(subject)]
    place = {step.name: number for number, step in enumerate(subject.steps)}
    found.sort(key=lambda each: (each.severity != Severity.ERROR, place.get(each.step or "", -1)))
    return tuple(found)


def _unreadable(fault: Fault) -> Problem:
    fix = "Correct the definition there."
    return Problem(fault.message, fix, fault.step, fault.where, fault.prefix)
