"""Which step waits for which."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.errors import DefinitionError
from slipway.definition.graph import (
    Branch,
    Edge,
    EdgeKind,
    build_graph,
    find_cycle,
    topological_order,
)
from slipway.definition.model import Trigger

from .samples import condition, definition, equal, get, join, step
from .strategies import waits


def edges(graph, name):
    return {(edge.upstream, edge.kind.value, edge.trigger.value) for edge in graph.upstream[name]}


def test_references_and_depends_on_make_edges():
    graph = build_graph(
        definition(
            step("C", arguments={"x": join("a", join(get("Steps.A.OutputParameters['o']")))}),
            step("B", DependsOn=["A", {"Step": "C", "Trigger": "Failed"}]),
            step("A"),
            step("D", "QualityCheck", ModelPackageGroupName=get("Steps.A.OutputParameters['g']")),
        )
    )
    assert edges(graph, "C") == {("A", "data", "Completed")}
    assert edges(graph, "B") == {("A", "order", "Completed"), ("C", "order", "Failed")}
    assert edges(graph, "D") == {("A", "data", "Completed")}
    assert graph.downstream["A"] == (
        Edge("A", "C", EdgeKind.DATA),
        Edge("A", "B", EdgeKind.ORDER),
        Edge("A", "D", EdgeKind.DATA),
    )
    assert list(graph.steps) == ["A", "C", "B", "D"]


def test_a_condition_waits_for_what_it_compares_and_its_branches_wait_for_it():
    mse = {"Std:JsonGet": {"PropertyFile": get("Steps.Evaluate.PropertyFiles.F"), "Path": "mse"}}
    graph = build_graph(
        definition(
            step("Evaluate", "Processing"),
            condition(
                "Check",
                [
                    {
                        "Type": "Not",
                        "Condition": equal(mse, get("Steps.Limit.OutputParameters['x']")),
                    }
                ],
                then=[step("Register", arguments={"m": get("Steps.Train.OutputParameters['m']")})],
                otherwise=[step("Stop", "Fail")],
            ),
            step("Train"),
            step("Limit"),
        )
    )
    assert {each[0] for each in edges(graph, "Check")} == {"Evaluate", "Limit"}
    assert edges(graph, "Register") == {
        ("Check", "branch", "Completed"),
        ("Train", "data", "Completed"),
    }
    assert graph.branches == {"Register": Branch("Check", True), "Stop": Branch("Check", False)}
    assert graph.ancestors("Stop") == {"Check", "Evaluate", "Limit"}
    assert graph.descendants("Evaluate") == {"Check", "Register", "Stop"}


def test_a_step_that_uses_an_outcome_runs_after_the_condition_in_both_cases():
    graph = build_graph(
        definition(
            step("End", "Fail", arguments={"ErrorMessage": join(get("Steps.C.Outcome"))}),
            condition("C", [equal(1, 1)]),
        )
    )
    assert list(graph.steps) == ["C", "End"]
    assert graph.branches == {}


def test_nested_conditions_give_a_path_of_branches():
    inner = condition("Inner", [equal(1, 1)], otherwise=[step("Deep")])
    graph = build_graph(definition(condition("Outer", [equal(1, 1)], then=[inner])))
    assert graph.branch_path("Deep") == (Branch("Inner", False), Branch("Outer", True))
    assert graph.ancestors("Deep") == {"Inner", "Outer"}


def test_a_for_each_stands_for_its_body():
    arguments = {
        "IterableItems": get("Steps.List.OutputParameters['items']"),
        "MaxConcurrency": 2,
        "ForEachBody": [
            step("Second", arguments={"x": get("Steps.First.OutputParameters['x']")}),
            step("First", arguments={"x": get("Steps.Train.OutputParameters['x']")}),
        ],
    }
    graph = build_graph(
        definition(step("Loop", "ForEach", arguments=arguments), step("Train"), step("List"))
    )
    assert list(graph.steps) == ["Train", "List", "Loop"]
    assert graph.ancestors("Loop") == {"Train", "List"}
    assert list(graph.bodies["Loop"].steps) == ["First", "Second"]


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        (
            [step("A"), condition("C", [equal(1, 1)], then=[step("A")])],
            "'A' is used more than once",
        ),
        ([step("Train"), step("B", DependsOn=["Trian"])], "Did you mean 'Train'?"),
        ([step("B", arguments={"x": get("Steps.A.OutputParameters['o']")})], "unknown step 'A'"),
        ([step("A", DependsOn=["A"])], "in a cycle: A -> A."),
        ([condition("C", [equal(1, 1)], then=[step("A")], DependsOn=["A"])], "cycle: "),
    ],
)
def test_no_graph(steps, fault):
    with pytest.raises(DefinitionError) as caught:
        build_graph(definition(*steps))
    assert fault in str(caught.value)


def cyclic(waits_for):
    """Take away steps that wait for nothing that is left, for as long as there are any."""
    left = dict(waits_for)
    while free := [name for name, needed in left.items() if not left.keys() & set(needed)]:
        for name in free:
            del left[name]
    return bool(left)


@given(waits(), st.data())
def test_a_cycle_is_refused_exactly_when_there_is_one_and_else_the_order_is_valid(waits_for, data):
    steps = []
    for name, needed in waits_for.items():
        by_data = [each for each in needed if data.draw(st.booleans())]
        arguments = {each: get(f"Steps.{each}.OutputParameters['o']") for each in by_data}
        order = [
            {"Step": each, "Trigger": data.draw(st.sampled_from(list(Trigger))).value}
            for each in needed
            if each not in by_data
        ]
        steps.append(step(name, arguments=arguments, DependsOn=order))
    whole = definition(*steps)
    if cyclic(waits_for):
        with pytest.raises(DefinitionError, match="in a cycle: "):
            build_graph(whole)
        return
    graph = build_graph(whole)
    order = list(graph.steps)
    assert sorted(order) == sorted(waits_for)
    for name, needed in waits_for.items():
        assert {edge.upstream for edge in graph.upstream[name]} == set(needed)
        assert all(order.index(each) < order.index(name) for each in needed)
        assert all(name in graph.descendants(each) for each in graph.ancestors(name))
        assert set(needed) <= graph.ancestors(name)


@given(waits())
def test_a_cycle_that_is_named_is_one(waits_for):
    cycle = find_cycle(waits_for)
    assert bool(cycle) == cyclic(waits_for)
    for before, after in pairwise(cycle):
        assert before in waits_for[after]
    assert not cycle or cycle[0] == cycle[-1]


@given(waits())
def test_an_order_that_is_already_right_is_kept(waits_for):
    if cyclic(waits_for):
        return
    order = topological_order(waits_for)
    assert topological_order({name: waits_for[name] for name in order}) == order


def test_two_thousand_steps_in_a_row_are_ordered():
    steps = [step(f"s{n}", DependsOn=[f"s{n - 1}"] if n else []) for n in range(2000)]
    assert list(build_graph(definition(*reversed(steps))).steps) == [f"s{n}" for n in range(2000)]
