"""What may start when: the steps of a definition with the conditions under which each runs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from slipway.definition.graph import Branch, EdgeKind, Graph, topological_order
from slipway.definition.model import Trigger

# The statuses of an upstream step that satisfy each trigger
TRIGGERS: Mapping[Trigger, frozenset[str]] = {
    Trigger.COMPLETED: frozenset({"Succeeded"}),
    Trigger.FAILED: frozenset({"Failed"}),
    Trigger.STOPPED: frozenset({"Stopped"}),
    Trigger.ANY: frozenset({"Succeeded", "Failed", "Stopped"}),
}


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
    """All steps of one execution, each after all it waits for."""

    nodes: Mapping[str, Node]

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> "Plan":
        """Order the steps, which form no cycle; those that may go first as given."""
        by_name = {node.name: node for node in nodes}
        order = topological_order({name: node.waits_for() for name, node in by_name.items()})
        return cls({name: by_name[name] for name in order})

    def only(self, names: Iterable[str]) -> "Plan":
        """Return the plan without the steps that are not among `names`."""
        kept = frozenset(names)
        return Plan({name: node for name, node in self.nodes.items() if name in kept})


def plan_of(graph: Graph) -> Plan:
    """Return the plan of a definition's graph.

    A trigger in `DependsOn` also holds for references to the same step.
    """
    nodes = {}
    for name, step in graph.steps.items():
        edges = sorted(graph.upstream[name], key=lambda edge: edge.kind is EdgeKind.ORDER)
        upstream = {e.upstream: e.trigger for e in edges if e.kind is not EdgeKind.BRANCH}
        nodes[name] = Node(name, step.type, upstream, graph.branches.get(name))
    return Plan(nodes)
