"""Caches that never hit, or never run out."""

import re
from collections.abc import Iterator

from slipway.definition.cache_keys import CACHE_KEYS, CACHED_WHOLE, key_members, member
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.model import Json, Step
from slipway.definition.paths import Index, Key, Member
from slipway.definition.references import (
    ExecutionVariable,
    Expression,
    StepProperty,
    children,
    expressions,
)

# What SDKs put into names and S3 keys: 2023-07-25-20-12-29(-933), 20261121073250, ISO times.
_TIMESTAMP = re.compile(
    r"(?<!\d)20\d\d(?:"
    r"-[01]\d-[0-3]\d-[0-2]\d-[0-5]\d-[0-5]\d(?:-\d{3})?"
    r"|[01]\d[0-3]\d[0-2]\d[0-5]\d[0-5]\d"
    r"|-[01]\d-[0-3]\dT[0-2]\d:?[0-5]\d(?::?[0-5]\d)?"
    r")(?!\d)"
)
_NEW_EACH_RUN = (
    "StartDateTime",
    "CurrentDateTime",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
)


def _cached(subject: Subject) -> Iterator[Step]:
    return (step for step in subject.steps if step.cache is not None and step.cache.enabled)


def _keys(step: Step) -> dict[str, Json]:
    return key_members(step.type, step.arguments)


def timestamp_in_key(subject: Subject) -> Iterator[Problem]:
    """A time in what is compared: each build of the definition differs, so nothing is found."""
    for step in _cached(subject):
        for where, text in _literals(_keys(step), "Arguments"):
            found = _TIMESTAMP.search(text)
            if found:
                yield Problem(
                    f"'{found.group()}' in '{text[:120]}' is a time: after the next build of the "
                    "definition the cache will not find this step's result.",
                    "Upload under a fixed or content-hashed key.",
                    step.name,
                    where,
                )


def _literals(value: Json, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    for place, inner in children(value, where):
        yield from _literals(inner, place)


def execution_in_key(subject: Subject) -> Iterator[Problem]:
    """A value that is new in each execution in what is compared."""
    for step in _cached(subject):
        for where, expression in expressions(_keys(step), "Arguments"):
            if isinstance(expression, ExecutionVariable) and expression.name in _NEW_EACH_RUN:
                yield Problem(
                    f"{expression} is new in each execution: the cache never finds a result.",
                    "Leave it out of what the step reads, or switch its cache off.",
                    step.name,
                    where,
                )


def uncached_upstream(subject: Subject) -> Iterator[Problem]:
    """What is compared holds a property that its step makes anew in each run."""
    for step in _cached(subject):
        for where, expression in expressions(_keys(step), "Arguments"):
            if isinstance(expression, StepProperty) and expression.step in subject.by_name:
                upstream = subject.by_name[expression.step]
                if _is_new_each_run(subject, upstream, expression):
                    yield Problem(
                        f"{expression} is new in each run of '{upstream.name}', which is not "
                        "cached: the cache never finds a result.",
                        f"Cache '{upstream.name}' too, or switch this step's cache off.",
                        step.name,
                        where,
                    )


def _is_new_each_run(subject: Subject, step: Step, reference: Expression) -> bool:
    """Return whether a property is known to differ from run to run of a step."""
    if step.cache is not None and step.cache.enabled and step.type not in _NEVER_CACHED:
        return False
    match step.type, reference:
        case "Training", StepProperty(_, (Member("ModelArtifacts" | "TrainingJobName"), *_)):
            return True
        case "Model", StepProperty(_, (Member("ModelName"),)):
            return True
        case "Processing", StepProperty(_, (Member("ProcessingJobName"),)):
            return True
        case "Processing", StepProperty(_, (_, Member("Outputs"), Key(name), *_)):
            target = subject.output(step, name)
        case "Processing", StepProperty(_, (_, Member("Outputs"), Index(), *_)):
            target = member(step.arguments, "ProcessingOutputConfig.Outputs")
        case _:
            return False
    return any(
        isinstance(found, ExecutionVariable) and found.name in _NEW_EACH_RUN
        for _, found in expressions(target)
    )


def cache_without_end(subject: Subject) -> Iterator[Problem]:
    """A cache without a timeout, which the developer guide demands."""
    for step in _cached(subject):
        if step.cache is not None and step.cache.expire_after is None:
            message = "The cache has no ExpireAfter."
            fix = 'Give one, such as "P30D".'
            yield Problem(message, fix, step.name, "CacheConfig")


_NEVER_CACHED = ("Condition", "Model", "RegisterModel", "Fail", "InferenceComponent", "Lineage")


def cache_of_an_uncached_type(subject: Subject) -> Iterator[Problem]:
    """A CacheConfig on a type of step whose results are never reused."""
    for step in _cached(subject):
        if step.type not in CACHE_KEYS and step.type not in CACHED_WHOLE:
            message = f"Results of {step.type} steps are never reused."
            yield Problem(message, "Remove the CacheConfig.", step.name, "CacheConfig")


RULES = (
    Rule("timestamp-in-key", Severity.WARNING, timestamp_in_key),
    Rule("execution-in-key", Severity.WARNING, execution_in_key),
    Rule("uncached-upstream", Severity.WARNING, uncached_upstream),
    Rule("cache-without-end", Severity.WARNING, cache_without_end),
    Rule("cache-of-an-uncached-type", Severity.WARNING, cache_of_an_uncached_type),
)
