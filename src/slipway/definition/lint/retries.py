"""Retry policies that never apply. Source: developer guide, "Retry Policy for Pipeline Steps"."""

from collections import Counter
from collections.abc import Iterator

from slipway.definition.errors import did_you_mean
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject

EXCEPTION_TYPES = (
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
    "Emr.RESOURCE_LIMIT",
)
_RETRIED = (
    "Processing",
    "Training",
    "Tuning",
    "AutoML",
    "Model",
    "RegisterModel",
    "Transform",
    "QualityCheck",
    "ClarifyCheck",
    "EMR",
    "EMRServerless",
    "EndpointConfig",
    "Job",
)


def unknown_exception_type(subject: Subject) -> Iterator[Problem]:
    """An exception type that no step raises."""
    for step in subject.steps:
        for number, policy in enumerate(step.retry_policies):
            for name in policy.exception_types:
                if name not in EXCEPTION_TYPES:
                    message = (
                        f"Unknown exception type '{name}'.{did_you_mean(name, EXCEPTION_TYPES)}"
                    )
                    fix = "Correct the name."
                    yield Problem(message, fix, step.name, f"RetryPolicies[{number}]")


def repeated_exception_type(subject: Subject) -> Iterator[Problem]:
    """An exception type in two policies of a step: only the first applies."""
    for step in subject.steps:
        names = Counter(name for policy in step.retry_policies for name in policy.exception_types)
        for name, count in names.items():
            if count > 1:
                message = f"{name} is in {count} policies; only the first applies."
                yield Problem(message, "Leave it in one.", step.name, "RetryPolicies")


def inapplicable_retries(subject: Subject) -> Iterator[Problem]:
    """A policy on a step that is never retried, or not for that reason."""
    for step in subject.steps:
        names = {name for policy in step.retry_policies for name in policy.exception_types}
        if step.retry_policies and step.type not in _RETRIED:
            message = f"{step.type} steps are not retried."
            yield Problem(message, "Remove the RetryPolicies.", step.name, "RetryPolicies")
        elif step.type in ("Model", "RegisterModel"):
            for name in sorted(each for each in names if each.startswith("SageMaker.")):
                message = f"{name} is not allowed for a create/register model step: it runs no job."
                yield Problem(message, "Remove the type.", step.name, "RetryPolicies")
        elif step.type in ("Tuning", "AutoML") and "SageMaker.JOB_INTERNAL_ERROR" in names:
            message = f"{step.type} steps never retry SageMaker.JOB_INTERNAL_ERROR."
            yield Problem(message, "Remove the type.", step.name, "RetryPolicies")


RULES = (
    Rule("unknown-exception-type", Severity.WARNING, unknown_exception_type),
    Rule("repeated-exception-type", Severity.WARNING, repeated_exception_type),
    Rule("inapplicable-retries", Severity.WARNING, inapplicable_retries),
)
