"""Names of steps, parameters and jobs."""

from collections import Counter
from collections.abc import Iterator

from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.step_types import FILLED, OPERATIONS

# Longest job-name prefix that the service keeps whole (developer guide, IAM access to pipelines).
_PREFIX = {"Tuning": 6, "AutoML": 6}
_USUAL_PREFIX = 38


def duplicate_step(subject: Subject) -> Iterator[Problem]:
    """Two steps of one name, wherever they are: at the top, in branches, in ForEach bodies."""
    for name, count in Counter(step.name for step in subject.steps).items():
        if count > 1:
            yield Problem(
                f"Step name '{name}' is used {count} times.",
                "Give each step its own name; a step of a branch must not be at the top level too.",
                name,
            )


def duplicate_parameter(subject: Subject) -> Iterator[Problem]:
    """Two parameters of one name."""
    for name, count in Counter(each.name for each in subject.definition.parameters).items():
        if count > 1:
            yield Problem(f"Parameter name '{name}' is used {count} times.", "Remove all but one.")


def duplicate_output(subject: Subject) -> Iterator[Problem]:
    """Two outputs of one name in a Lambda or Callback step."""
    for step in subject.steps:
        for name, count in Counter(each.name for each in step.output_parameters).items():
            if count > 1:
                message = f"Output name '{name}' is used {count} times."
                yield Problem(message, "Give each output its own name.", step.name)


def iteration_name(subject: Subject) -> Iterator[Problem]:
    """A step named as the service names the iterations of a ForEach body step."""
    bodies = {inner.name for step in subject.steps for inner in step.body}
    for step in subject.steps:
        base, dash, number = step.name.rpartition("-")
        if dash and number.isdigit() and base in bodies:
            yield Problem(
                f"'{step.name}' is the name of an iteration of the ForEach body step '{base}'.",
                "Rename the step.",
                step.name,
            )


def long_job_name(subject: Subject) -> Iterator[Problem]:
    """A job-name prefix that does not fit with what the service appends."""
    for step in subject.steps:
        key = FILLED.get(OPERATIONS.get(step.type, ""), "")
        prefix, longest = step.arguments.get(key), _PREFIX.get(step.type, _USUAL_PREFIX)
        if isinstance(prefix, str) and len(prefix) > longest:
            yield Problem(
                f"The job-name prefix '{prefix}' has {len(prefix)} characters, "
                f"more than the {longest} that fit before the execution id and the token.",
                f"Shorten it to {longest} characters, or leave {key} out.",
                step.name,
                f"Arguments.{key}",
            )


RULES = (
    Rule("duplicate-step", Severity.ERROR, duplicate_step, refused=True),
    Rule("duplicate-parameter", Severity.ERROR, duplicate_parameter, refused=True),
    Rule("duplicate-output", Severity.ERROR, duplicate_output, refused=True),
    Rule("iteration-name", Severity.ERROR, iteration_name, refused=True),
    Rule("long-job-name", Severity.WARNING, long_job_name),
)
