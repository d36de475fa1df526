"""References to parameters, steps, properties and items."""

import json
from collections.abc import Iterator, Mapping

from slipway.definition.cache_keys import member as argument
from slipway.definition.errors import did_you_mean
from slipway.definition.graph import EdgeKind, unknown_step
from slipway.definition.kinds import Kind, UnknownProperty
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.paths import Key, Member
from slipway.definition.references import (
    CurrentItem,
    ExecutionVariable,
    Expression,
    IterationOutput,
    Join,
    ParameterReference,
    StepProperty,
    parse_expression,
)

# Variable → the types of steps that launch the job it names.
_LAUNCHED = {
    "TrainingJobName": ("Training",),
    "ProcessingJobName": ("Processing", "QualityCheck", "ClarifyCheck"),
}


def unknown_parameter(subject: Subject) -> Iterator[Problem]:
    """A reference to a parameter that is not declared."""
    declared = subject.kinds.parameters
    places: list[tuple[str | None, str, Expression]] = [
        (step.name, where, expression) for step, where, expression in subject.expressions
    ]
    places += [(None, *found) for found in subject.outside_steps]
    for name, where, expression in places:
        if isinstance(expression, ParameterReference) and expression.name not in declared:
            hint = did_you_mean(expression.name, declared)
            fix = "Declare it in Parameters, or correct the name."
            yield Problem(f"Unknown parameter '{expression.name}'.{hint}", fix, name, where)


def unknown_outside_steps(subject: Subject) -> Iterator[Problem]:
    """An experiment or MLflow configuration that refers to what only steps know."""
    for where, expression in subject.outside_steps:
        if not isinstance(expression, ParameterReference | ExecutionVariable | Join):
            fix = "Refer to parameters and execution variables only."
            yield Problem(f"{expression} is not known before the steps run.", fix, where=where)


def unknown_step_name(subject: Subject) -> Iterator[Problem]:
    """A reference to, or a DependsOn entry of, a step that does not exist."""
    inner = {each.name for step in subject.steps for each in step.body}
    for edge in subject.edges:
        if edge.upstream not in subject.by_name:
            fault = unknown_step(edge, subject.by_name)
            where = "DependsOn" if edge.kind is EdgeKind.ORDER else ""
            fix = "Correct the name, or add the step."
            yield Problem(fault.message, fix, edge.downstream, where)
        elif edge.upstream in inner:
            yield Problem(
                f"'{edge.upstream}' is a step of a ForEach body; from outside it has no properties.",
                "Refer to Steps.<ForEach step>.IterationOutputs[i].<body step> or .Selected.",
                edge.downstream,
            )


def unknown_property(subject: Subject) -> Iterator[Problem]:
    """A reference to a property that the step's type does not have."""
    for step, where, expression in subject.expressions:
        if not isinstance(expression, StepProperty) or expression.step not in subject.by_name:
            continue
        try:
            subject.kinds.property(subject.by_name[expression.step], expression.path)
        except UnknownProperty as error:
            message = f"Invalid property reference [{expression}]: {error}"
            fix = "Refer to a property of what the step's Describe operation returns."
            yield Problem(message, fix, step.name, where)


def unknown_output(subject: Subject) -> Iterator[Problem]:
    """A reference to an output, or input, that the Processing step has none of that name of."""
    for step, where, expression in subject.expressions:
        match expression:
            case StepProperty(
                name, (Member("ProcessingOutputConfig"), Member("Outputs"), Key(key), *_)
            ):
                path, member = "ProcessingOutputConfig.Outputs", "OutputName"
            case StepProperty(name, (Member("ProcessingInputs"), Key(key), *_)):
                path, member = "ProcessingInputs", "InputName"
            case _:
                continue
        upstream = subject.by_name.get(name)
        if upstream is None or upstream.type != "Processing":
            continue
        given = argument(upstream.arguments, path)
        names = [each.get(member) for each in given or () if isinstance(each, Mapping)]
        literal = [each for each in names if isinstance(each, str)]
        if key not in names and len(literal) == len(names):
            message = f"Step '{name}' has no {member} '{key}'.{did_you_mean(key, literal)}"
            yield Problem(message, "Correct the name, or add it there.", step.name, where)


def joined_list(subject: Subject) -> Iterator[Problem]:
    """A list or an object in a Std:Join, which takes strings, numbers and booleans."""
    for step, where, expression in subject.expressions:
        if not isinstance(expression, Join):
            continue
        for value in expression.values:
            inner = parse_expression(value)
            if inner is None:
                bad = isinstance(value, list | Mapping | None)
            else:
                bad = subject.kinds.of(inner) in (Kind.LIST, Kind.OBJECT)
            if bad:
                shown = json.dumps(value)[:120]
                message = f"Std:Join takes strings, numbers and booleans, found {shown}."
                yield Problem(message, "Refer to one value inside it.", step.name, where)


def item_outside_a_body(subject: Subject) -> Iterator[Problem]:
    """`ForEach.CurrentItem` outside a ForEach body, `IterationOutput` outside a selector."""
    inner = {each.name for step in subject.steps for each in step.body}
    for step, where, expression in subject.expressions:
        selector = step.type == "ForEach" and where == "Arguments.Selector.Field"
        if isinstance(expression, CurrentItem) and step.name not in inner:
            fix = "Use it in the steps of a ForEach body only."
            yield Problem(f"{expression} is not in a ForEach body.", fix, step.name, where)
        elif isinstance(expression, IterationOutput) and not selector:
            fix = "Use it in the selector's Field of a ForEach step only."
            yield Problem(f"{expression} is not in a selector.", fix, step.name, where)


def wrong_selector(subject: Subject) -> Iterator[Problem]:
    """A ForEach selector that compares something else than an output of a body step."""
    for step, where, expression in subject.expressions:
        if where != "Arguments.Selector.Field" or step.type != "ForEach":
            continue
        names = [inner.name for inner in step.body]
        if not isinstance(expression, IterationOutput) or expression.step not in names:
            message = f"Selector.Field must be an output of a body step ({', '.join(names)})."
            fix = "Write IterationOutput.<body step>.<property>."
            yield Problem(message, fix, step.name, where)


def foreign_job_name(subject: Subject) -> Iterator[Problem]:
    """`Execution.TrainingJobName` or `.ProcessingJobName` in a step that launches no such job."""
    for step, where, expression in subject.expressions:
        if not isinstance(expression, ExecutionVariable) or expression.name not in _LAUNCHED:
            continue
        if step.type not in _LAUNCHED[expression.name]:
            message = f"{expression} names the job that the step launches; this one has none."
            fix = f"Refer to Steps.<step>.{expression.name} of the step that is meant."
            yield Problem(message, fix, step.name, where)


RULES = (
    Rule("unknown-parameter", Severity.ERROR, unknown_parameter, refused=True),
    Rule("unknown-outside-steps", Severity.ERROR, unknown_outside_steps, refused=True),
    Rule("unknown-step", Severity.ERROR, unknown_step_name, refused=True),
    Rule("unknown-property", Severity.ERROR, unknown_property, refused=True),
    Rule("unknown-output", Severity.ERROR, unknown_output),
    Rule("joined-list", Severity.ERROR, joined_list),
    Rule("item-outside-a-body", Severity.ERROR, item_outside_a_body, refused=True),
    Rule("wrong-selector", Severity.ERROR, wrong_selector, refused=True),
    Rule("foreign-job-name", Severity.ERROR, foreign_job_name),
)
