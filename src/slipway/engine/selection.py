"""Selective execution: which steps run, and which are taken from another execution. Pure.

Source: developer guide, "Selective execution of pipeline steps"; docs/decisions/0205-selection.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slipway.definition.errors import did_you_mean
from slipway.engine.plan import Plan
from slipway.engine.state import StepRun


class SelectionError(ValueError):
    """A selection that SageMaker refuses."""


@dataclass(frozen=True)
class Selection:
    """The steps that run, and the upstream steps whose results they need."""

    selected: frozenset[str]
    reused: tuple[str, ...]


def select(plan: Plan, names: Iterable[str], source: str | None) -> Selection:
    """Return the selection; SelectionError when it is not allowed.

    `source` is the ARN of the execution to take results from, if one was given.
    """
    selected = frozenset(names)
    for name in sorted(selected - plan.nodes.keys()):
        raise SelectionError(f"Unknown step '{name}'.{did_you_mean(name, plan.nodes)}")
    between = on_paths(plan, selected) - selected
    if between:
        raise SelectionError(
            f"The selected steps must include all steps between two of them: {listed(between)}."
        )
    needed = {up for name in selected for up in plan.nodes[name].waits_for()} - selected
    if needed and source is None:
        dependents = {name for name in selected if plan.nodes[name].waits_for() & needed}
        raise SelectionError(
            "Invalid SourcePipelineExecutionArn: null. The selected steps "
            f"{listed(dependents)} have dependencies on {listed(needed)}"
        )
    return Selection(selected, tuple(name for name in plan.nodes if name in needed))


def on_paths(plan: Plan, ends: frozenset[str]) -> frozenset[str]:
    """Return the steps that lie after one of `ends` and before another."""
    after: set[str] = set()
    for name, node in plan.nodes.items():
        if node.waits_for() & (after | ends):
            after.add(name)
    before: set[str] = set()
    for name in reversed(list(plan.nodes)):
        if name in before or name in ends:
            before |= plan.nodes[name].waits_for()
    return frozenset(after & before)


def check_reused(selection: Selection, earlier: Mapping[str, StepRun], source: str) -> None:
    """Raise SelectionError when a needed step has no result in the other execution."""
    missing = [
        name
        for name in selection.reused
        if name not in earlier or earlier[name].status != "Succeeded"
    ]
    if missing:
        raise SelectionError(
            f"Invalid SourcePipelineExecutionArn: {source}. The steps {listed(missing)} did not "
            "succeed in it; select them as well, or name an execution in which they did"
        )


def listed(names: Iterable[str]) -> str:
    """Return names as AWS lists them."""
    return f"[{', '.join(sorted(names))}]"
