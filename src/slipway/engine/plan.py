"""What may start when: the steps of a definition with the conditions under which each runs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Literal

Trigger = Literal["Completed", "Failed", "Stopped", "Any"]

# The statuses of an upstream step that satisfy each trigger
TRIGGERS: Mapping[Trigger, frozenset[str]] = {
    "Completed": frozenset({"Succeeded"}),
    "Failed": frozenset({"Failed"}),
    "Stopped": frozenset({"Stopped"}),
    "Any": frozenset({"Succeeded", "Failed", "Stopped"}),
}


@dataclass(frozen=True)
class Branch:
    """The side of a condition step on which a step stands."""

    condition: str
    side: bool


@dataclass(frozen=True)
class Node:
    """One step: its upstream steps with the outcome each must have, and its branch."""

    name: str
    type: str
    upstream: Mapping[str, Trigger] = field(default_factory=dict)
    branch: Branch | None = None

    def waits_for(self) -> frozenset[str]:
        """Return the names of all steps that come before this one."""
        condition = {self.branch.condition} if self.branch else set()
        return frozenset(self.upstream) | condition


@dataclass(frozen=True)
class Plan:
    """All steps of one execution, in the order of the definition."""

    nodes: Mapping[str, Node]
    order: tuple[str, ...]  # upstream steps first

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> "Plan":
        """Order the steps; graphlib.CycleError when they wait for each other in a circle."""
        by_name = {node.name: node for node in nodes}
        graph = {
            name: [upstream for upstream in node.waits_for() if upstream in by_name]
            for name, node in by_name.items()
        }
        return cls(by_name, tuple(TopologicalSorter(graph).static_order()))

    def only(self, names: Iterable[str]) -> "Plan":
        """Return the plan without the steps that are not among `names`."""
        kept = frozenset(names)
        nodes = {name: node for name, node in self.nodes.items() if name in kept}
        return Plan(nodes, tuple(name for name in self.order if name in kept))
