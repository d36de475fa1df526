"""Arguments against AWS's model, and the few steps whose arguments have a form of their own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from slipway.definition.arguments import check_arguments
from slipway.definition.errors import ExpressionError, Fault
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.model import Json, Parameter
from slipway.definition.references import Join, JsonGet, ParameterReference, parse_expression

_CHECK_TYPES = {
    "QualityCheck": ("DATA_QUALITY", "MODEL_QUALITY"),
    "ClarifyCheck": ("DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY"),
}
_TEXT = re.compile(r"\.(?:HyperParameters|Environment)\.|\.Container(?:Arguments|Entrypoint)\[")
_EMR_FORBIDDEN = ("Name", "Steps", "AutoTerminationPolicy")
_EMR_FORBIDDEN_INSTANCES = ("KeepJobFlowAliveWhenNoSteps", "TerminationProtected")


def wrong_arguments(subject: Subject) -> Iterator[Problem]:
    """Arguments that the step's operation does not take."""
    for fault in check_arguments(subject.definition, subject.operation_model):
        yield _problem(fault, "Give what the step's Create operation takes.")


def refused_default(subject: Subject) -> Iterator[Problem]:
    """A parameter whose default the field that uses it does not take."""
    parameters = subject.kinds.parameters
    filled = tuple(
        replace(
            step,
            arguments=_with_defaults(step.arguments, parameters),
            if_steps=(),
            else_steps=(),
            body=(),
        )
        for step in subject.steps
    )
    known = set(check_arguments(subject.definition, subject.operation_model))
    definition = replace(subject.definition, steps=filled)
    for fault in check_arguments(definition, subject.operation_model):
        if fault not in known:
            yield _problem(fault, "Change the default of the parameter that the field refers to.")


def _with_defaults(value: Json, parameters: Mapping[str, Parameter]) -> Json:
    """Return a value with the defaults of String parameters in place of references to them.

    The kinds of other parameters are checked already, and their fields have few other limits.
    """
    try:
        expression = parse_expression(value)
    except ExpressionError:
        return value
    if isinstance(expression, ParameterReference) and expression.name in parameters:
        default = parameters[expression.name].default
        return default if isinstance(default, str) else value
    if expression is not None:
        return value
    if isinstance(value, Mapping):
        return {key: _with_defaults(inner, parameters) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_defaults(inner, parameters) for inner in value]
    return value


def _problem(fault: Fault, fix: str) -> Problem:
    if fault.prefix == "":
        fix = "Give a value of that type; Std:Join makes text of a number or boolean."
    elif fault.message == "Expecting start of Json Array.":
        fix = "Write a list; its elements may be references."
    return Problem(fault.message, fix, fault.step, fault.where, fault.prefix)


def fail_message(subject: Subject) -> Iterator[Problem]:
    """A Fail step with anything but an ErrorMessage, or with one that is no text."""
    for step in subject.steps:
        if step.type != "Fail":
            continue
        for name, value in step.arguments.items():
            if name != "ErrorMessage":
                message, fix = f"Unknown Argument member '{name}'.", "Give ErrorMessage only."
                yield Problem(message, fix, step.name, "Arguments")
            elif not isinstance(value, str | None) and parse_expression(value) is None:
                message, fix = "Expected a string.", "Give a string, a Get or a Std:Join."
                yield Problem(message, fix, step.name, "Arguments.ErrorMessage")


def missing_target(subject: Subject) -> Iterator[Problem]:
    """A Lambda step without its function, a Callback step without its queue."""
    for step in subject.steps:
        key = {"Lambda": "FunctionArn", "Callback": "SqsQueueUrl"}.get(step.type)
        if key and not step.extras.get(key):
            fix = f"Give {key} beside Arguments."
            yield Problem(f"Missing required property '{key}'.", fix, step.name)


def emr_cluster(subject: Subject) -> Iterator[Problem]:
    """An EMR step without exactly one of ClusterId and ClusterConfig, or with a forbidden key."""
    for step in subject.steps:
        if step.type != "EMR":
            continue
        config = step.arguments.get("ClusterConfig")
        if (step.arguments.get("ClusterId") is None) == (config is None):
            message = "Exactly one of ClusterId and ClusterConfig is expected."
            yield Problem(message, "Give one of them.", step.name, "Arguments")
        if not isinstance(config, Mapping):
            continue
        instances = config.get("Instances")
        inner = instances if isinstance(instances, Mapping) else {}
        forbidden = [f"ClusterConfig.{key}" for key in _EMR_FORBIDDEN if key in config]
        forbidden += [
            f"ClusterConfig.Instances.{key}" for key in _EMR_FORBIDDEN_INSTANCES if key in inner
        ]
        for place in forbidden:
            message = "The pipeline sets this itself."
            yield Problem(message, "Remove it.", step.name, f"Arguments.{place}")
        if ("InstanceGroups" in inner) == ("InstanceFleets" in inner):
            message = "Exactly one of InstanceGroups and InstanceFleets is expected."
            yield Problem(message, "Give one.", step.name, "Arguments.ClusterConfig.Instances")


def emr_serverless_application(subject: Subject) -> Iterator[Problem]:
    """An EMRServerless step without exactly one of ApplicationId and ApplicationConfig."""
    for step in subject.steps:
        given = [step.arguments.get(key) for key in ("ApplicationId", "ApplicationConfig")]
        if step.type == "EMRServerless" and (given[0] is None) == (given[1] is None):
            message = "Exactly one of ApplicationId and ApplicationConfig is expected."
            yield Problem(message, "Give one of them.", step.name, "Arguments")


def unchecked_number(subject: Subject) -> Iterator[Problem]:
    """A JSON value straight where only text fits: a number there fails when the step runs."""
    joined = {
        (step.name, where)
        for step, where, expression in subject.expressions
        if isinstance(expression, Join)
    }
    for step, where, expression in subject.expressions:
        straight = isinstance(expression, JsonGet) and (step.name, where) not in joined
        if straight and _TEXT.search(where):
            yield Problem(
                "A value read from JSON keeps its type; only a string fits here.",
                "Wrap it in a Std:Join, which makes text of a number or boolean.",
                step.name,
                where,
            )


def check_type(subject: Subject) -> Iterator[Problem]:
    """A QualityCheck or ClarifyCheck step whose CheckType is not one of its type's."""
    for step in subject.steps:
        known = _CHECK_TYPES.get(step.type)
        given = step.extras.get("CheckType")
        if known and given not in known:
            message = f"CheckType is {given!r}: expected one of {', '.join(known)}."
            yield Problem(message, "Give one of them.", step.name, "CheckType")


RULES = (
    Rule("wrong-arguments", Severity.ERROR, wrong_arguments, refused=True),
    Rule("refused-default", Severity.WARNING, refused_default),
    Rule("fail-message", Severity.ERROR, fail_message, refused=True),
    Rule("missing-target", Severity.ERROR, missing_target, refused=True),
    Rule("emr-cluster", Severity.ERROR, emr_cluster, refused=True),
    Rule("emr-serverless-application", Severity.ERROR, emr_serverless_application, refused=True),
    Rule("check-type", Severity.ERROR, check_type, refused=True),
    Rule("unchecked-number", Severity.WARNING, unchecked_number),
)
