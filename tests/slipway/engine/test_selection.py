"""Which selections are allowed, and what they take from another execution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.graph import Branch
from slipway.engine.plan import Node, Plan
from slipway.engine.selection import SelectionError, check_reused, select
from slipway.engine.state import StepRun

#   a → b → d → e        f (alone)
#    ↘  c  ↗
DIAMOND = Plan.of(
    [
        Node("a", "Training"),
        Node("b", "Training", {"a": "Completed"}),
        Node("c", "Training", {"a": "Completed"}),
        Node("d", "Training", {"b": "Completed", "c": "Completed"}),
        Node("e", "Training", {"d": "Completed"}),
        Node("f", "Training"),
    ]
)


def test_upstream_steps_are_taken_over_and_downstream_ones_left_out():
    selection = select(DIAMOND, ["d"], "arn")
    assert selection.selected == {"d"}
    assert selection.reused == ("b", "c")


def test_without_an_execution_to_take_from_dependencies_are_refused_in_the_words_of_aws():
    with pytest.raises(SelectionError) as refused:
        select(DIAMOND, ["d"], None)
    assert str(refused.value) == (
        "Invalid SourcePipelineExecutionArn: null. The selected steps [d] have dependencies on "
        "[b, c]"
    )
    assert select(DIAMOND, ["a", "f"], None).reused == ()


def test_steps_between_two_selected_ones_must_be_selected():
    with pytest.raises(SelectionError, match=r"\[b, c\]"):
        select(DIAMOND, ["a", "d"], "arn")
    assert select(DIAMOND, ["a", "b", "c", "d"], None).selected == {"a", "b", "c", "d"}


def test_an_unknown_step_gets_a_hint():
    plan = Plan.of([Node("Training", "Training"), Node("Evaluate", "Processing")])
    with pytest.raises(SelectionError, match="Did you mean 'Training'"):
        select(plan, ["Trainin"], "arn")


def test_a_branch_step_takes_its_condition_over():
    plan = Plan.of([Node("c", "Condition"), Node("yes", "Training", {}, Branch("c", True))])
    assert select(plan, ["yes"], "arn").reused == ("c",)


def test_what_is_taken_over_must_have_succeeded():
    selection = select(DIAMOND, ["d"], "arn")
    earlier = {"b": StepRun("b", "Succeeded", 0), "c": StepRun("c", "Failed", 0)}
    with pytest.raises(SelectionError, match=r"\[c\] did not succeed"):
        check_reused(selection, earlier, "arn")


@given(st.sets(st.sampled_from("abcdef"), min_size=1))
def test_what_runs_needs_nothing_beyond_what_runs_and_what_is_taken_over(names):
    try:
        selection = select(DIAMOND, names, "arn")
    except SelectionError:
        return
    present = selection.selected | set(selection.reused)
    for name in selection.selected:
        assert DIAMOND.nodes[name].waits_for() <= present
