"""Which step waits for which.

An edge is made by a reference to another step's property or property file, by an entry of
`DependsOn`, and between a condition and the steps of its branches. The steps of a ForEach body are
no nodes: the ForEach step stands for them, and `Graph.bodies` has a graph of each body.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from slipway.definition.errors import DefinitionError, Fault, did_you_mean
from slipway.definition.model import Definition, Dependency, Step, Trigger
from slipway.definition.references import JsonGet, PropertyFileReference, StepProperty, expressions


class EdgeKind(StrEnum):
    """Why a step waits for another."""

    DATA = "data"  # it refers to a property or property file
    ORDER = "order"  # it names it in DependsOn
    BRANCH = "branch"  # it is in a branch of that condition


@dataclass(frozen=True)
class Edge:
    """`downstream` waits for `upstream`; it may run when `upstream` ends as `trigger` says."""

    upstream: str
    downstream: str
    kind: EdgeKind
    trigger: Trigger = Trigger.COMPLETED


@dataclass(frozen=True)
class Branch:
    """The branch that a step is in: it runs only if `condition` comes out as `outcome`."""

    condition: str
    outcome: bool


@dataclass(frozen=True)
class Graph:
    """The steps of a definition and their edges, without cycles.

    `steps` has all steps, those of branches included, in an order in which they could run one
    after another (ties in the order written). `upstream` and `downstream` have the edges by step
    name, at most one of each kind between two steps. `branches` has the innermost branch of each
    step that is in one.
    """

    steps: Mapping[str, Step]
    upstream: Mapping[str, tuple[Edge, ...]]
    downstream: Mapping[str, tuple[Edge, ...]]
    branches: Mapping[str, Branch]
    bodies: Mapping[str, "Graph"] = field(default_factory=dict)

    def ancestors(self, name: str) -> frozenset[str]:
        """Return the names of all steps that the step waits for, directly or not."""
        return _reach(name, lambda step: (edge.upstream for edge in self.upstream[step]))

    def descendants(self, name: str) -> frozenset[str]:
        """Return the names of all steps that wait for the step, directly or not."""
        return _reach(name, lambda step: (edge.downstream for edge in self.downstream[step]))

    def branch_path(self, name: str) -> tuple[Branch, ...]:
        """Return the branches that the step is in, innermost first."""
        path = []
        while name in self.branches:
            path.append(self.branches[name])
            name = self.branches[name].condition
        return tuple(path)


def build_graph(definition: Definition) -> Graph:
    """Return the graph of a definition.

    Raises DefinitionError for a step name used twice, an unknown step and a cycle.
    """
    written = tuple(nodes(definition.steps))
    names = Counter(step.name for step in written)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise DefinitionError(
            Fault(f"Step name '{name}' is used more than once.") for name in twice
        )
    edges = tuple(all_edges(definition.steps))
    unknown = [edge for edge in edges if edge.upstream not in names]
    if unknown:
        raise DefinitionError(unknown_step(edge, names) for edge in unknown)
    return _graph(written, edges)


def _graph(written: tuple[Step, ...], edges: tuple[Edge, ...]) -> Graph:
    steps = {step.name: step for step in written}
    waits_for = waiting(edges, steps)
    cycle = find_cycle(waits_for)
    if cycle:
        raise DefinitionError([cycle_fault(cycle)])
    return Graph(
        steps={name: steps[name] for name in topological_order(waits_for)},
        upstream=_grouped(edges, steps, lambda edge: edge.downstream),
        downstream=_grouped(edges, steps, lambda edge: edge.upstream),
        branches=_branches(written),
        bodies={step.name: _body(step) for step in written if step.body},
    )


def _body(for_each: Step) -> Graph:
    """Return the graph of a ForEach body: what its steps need from outside is left out."""
    inside = {step.name for step in for_each.body}
    edges = (edge for edge in all_edges(for_each.body) if edge.upstream in inside)
    return _graph(for_each.body, tuple(edges))


def nodes(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield steps and the steps of their branches, in the order written; no ForEach bodies."""
    for step in steps:
        yield step
        yield from nodes((*step.if_steps, *step.else_steps))


def all_edges(steps: Iterable[Step]) -> Iterator[Edge]:
    """Yield every edge between steps; upstream steps need not exist."""
    for step in nodes(steps):
        own = [step, *step.body]
        inside = {inner.name for inner in step.body}
        needed = (name for each in own for name in referenced_steps(each))
        for name in dict.fromkeys(needed):
            if name not in inside:
                yield Edge(name, step.name, EdgeKind.DATA)
        dependencies: dict[str, Dependency] = {}
        for each in own:
            for dependency in each.depends_on:
                dependencies.setdefault(dependency.step, dependency)
        for dependency in dependencies.values():
            if dependency.step not in inside:
                yield Edge(dependency.step, step.name, EdgeKind.ORDER, dependency.trigger)
        for child in (*step.if_steps, *step.else_steps):
            yield Edge(step.name, child.name, EdgeKind.BRANCH)


def referenced_steps(step: Step) -> Iterator[str]:
    """Yield the names of the steps that a step's own values refer to; may repeat."""
    for value in (step.arguments, step.extras):
        for _, expression in expressions(value):
            match expression:
                case StepProperty(name, _) | JsonGet(PropertyFileReference(name, _), _):
                    yield name


def waiting(edges: Iterable[Edge], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names that each step waits for."""
    by_step = _grouped(edges, names, lambda edge: edge.downstream)
    return {name: tuple(edge.upstream for edge in group) for name, group in by_step.items()}


def unknown_step(edge: Edge, known: Iterable[str]) -> Fault:
    """Return the fault of an edge from a step that does not exist."""
    how = "DependsOn names" if edge.kind is EdgeKind.ORDER else "it refers to"
    hint = did_you_mean(edge.upstream, set(known) - {edge.downstream})
    return Fault(f"{how} the unknown step '{edge.upstream}'.{hint}", edge.downstream)


def cycle_fault(cycle: Iterable[str]) -> Fault:
    """Return the fault of a cycle, which it spells out."""
    return Fault(f"The steps wait for each other in a cycle: {' -> '.join(cycle)}.")


def find_cycle(waits_for: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return a cycle as the names along it, each before one that waits for it; empty when none.

    The first name stands again at the end.
    """
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def topological_order(waits_for: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the names so that each comes after all it waits for, otherwise in the given order.

    Every name that is waited for must be a key. Raises graphlib.CycleError when there is no such order.
    """
    sorter = TopologicalSorter(waits_for)
    sorter.prepare()
    names = tuple(waits_for)
    place = {name: number for number, name in enumerate(names)}
    order: list[str] = []
    ready: list[int] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, place[name])
        order.append(names[heappop(ready)])
        sorter.done(order[-1])
    return tuple(order)


def _branches(steps: Iterable[Step]) -> dict[str, Branch]:
    found: dict[str, Branch] = {}
    for step in steps:
        found |= {child.name: Branch(step.name, True) for child in step.if_steps}
        found |= {child.name: Branch(step.name, False) for child in step.else_steps}
    return found


def _grouped(
    edges: Iterable[Edge], names: Iterable[str], key: Callable[[Edge], str]
) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {name: [] for name in names}
    for edge in edges:
        groups[key(edge)].append(edge)
    return {name: tuple(group) for name, group in groups.items()}


def _reach(start: str, neighbors: Callable[[str], Iterable[str]]) -> frozenset[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for name in neighbors(ahead.pop()):
            if name not in seen:
                seen.add(name)
                ahead.append(name)
    return frozenset(seen - {start})
