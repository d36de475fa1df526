"""The order of steps: cycles, and steps that can never run."""

from collections.abc import Iterator

from slipway.definition.graph import Branch, EdgeKind, Graph, cycle_fault, find_cycle, waiting
from slipway.definition.lint.rule import Problem, Rule, Severity, Subject
from slipway.definition.model import Trigger

_COMPLETES = (Trigger.COMPLETED, Trigger.ANY)


def cycle(subject: Subject) -> Iterator[Problem]:
    """Steps that wait for each other."""
    names = {name for edge in subject.edges for name in (edge.upstream, edge.downstream)}
    found = find_cycle(waiting(subject.edges, sorted(names)))
    if found:
        fix = "Remove one of the references or DependsOn entries along the cycle."
        yield Problem(cycle_fault(found).message, fix, found[0])


def depends_on_fail(subject: Subject) -> Iterator[Problem]:
    """A Fail step, which ends the execution, named in DependsOn."""
    for edge in subject.edges:
        upstream = subject.by_name.get(edge.upstream)
        if edge.kind is EdgeKind.ORDER and upstream and upstream.type == "Fail":
            yield Problem(
                f"{edge.downstream} can not depends on {edge.upstream}: "
                "a Fail step ends the execution.",
                "Remove the entry; a step that reports a failure can depend on the failing step "
                'with {"Step": …, "Trigger": "Failed"}.',
                edge.downstream,
                "DependsOn",
            )


def never_runs(subject: Subject) -> Iterator[Problem]:
    """A step that waits for steps of both branches of a condition."""
    if subject.graph is None or not subject.graph.branches:
        return
    for name in subject.graph.steps:
        taken = {branch: via for via, branch in _needed_branches(subject.graph, name)}
        for branch, via in taken.items():
            other = taken.get(Branch(branch.condition, not branch.outcome))
            if branch.outcome and other is not None:
                yield Problem(
                    f"It can never run: it waits for '{via}' and for '{other}', "
                    f"which are in the two branches of the condition '{branch.condition}'.",
                    f"Refer to Steps.{branch.condition}.Outcome in it instead; it then runs after "
                    "the condition, whatever its outcome.",
                    name,
                    "DependsOn",
                )


def _needed_branches(graph: Graph, name: str) -> Iterator[tuple[str, Branch]]:
    """Yield the branches that must be taken for a step to run, each with the step that is in it."""
    for needed in (name, *sorted(graph.ancestors(name))):
        for branch in graph.branch_path(needed):
            yield needed, branch


def failure_with_data(subject: Subject) -> Iterator[Problem]:
    """A step that runs when another one fails but needs what that one would have produced."""
    for edge in subject.edges:
        if edge.kind is not EdgeKind.ORDER or edge.trigger in _COMPLETES:
            continue
        for other in subject.edges:
            same = (other.upstream, other.downstream) == (edge.upstream, edge.downstream)
            if same and other.kind is EdgeKind.DATA:
                yield Problem(
                    f"It runs when '{edge.upstream}' is {edge.trigger}, "
                    "but refers to what that step yields when it completes.",
                    "Remove the reference, or the trigger.",
                    edge.downstream,
                    "DependsOn",
                )


def uncleaned_source(subject: Subject) -> Iterator[Problem]:
    """A Cleanup step that does not wait for a step whose outputs it deletes."""
    for step in subject.steps:
        resources = step.arguments.get("Resources") if step.type == "Cleanup" else None
        sources = resources.get("S3") if isinstance(resources, dict) else None
        upstream = {edge.upstream for edge in subject.edges if edge.downstream == step.name}
        for number, source in enumerate(sources if isinstance(sources, list) else ()):
            name = source.get("StepName") if isinstance(source, dict) else None
            if isinstance(name, str) and name not in upstream:
                yield Problem(
                    f"It deletes the outputs of '{name}' without waiting for it.",
                    f"Add '{name}' to its DependsOn.",
                    step.name,
                    f"Arguments.Resources.S3[{number}]",
                )


RULES = (
    Rule("cycle", Severity.ERROR, cycle, refused=True),
    Rule("depends-on-fail", Severity.ERROR, depends_on_fail, refused=True),
    Rule("never-runs", Severity.WARNING, never_runs),
    Rule("failure-with-data", Severity.ERROR, failure_with_data),
    Rule("uncleaned-source", Severity.ERROR, uncleaned_source),
)
