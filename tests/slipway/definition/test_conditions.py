"""Whether conditions hold."""

import pytest

from slipway.definition.conditions import compare, evaluate
from slipway.definition.errors import ResolveError
from slipway.definition.model import Operator
from slipway.definition.resolve import Scope

from .samples import condition, definition, equal, get, join

SCOPE = Scope(
    parameters={"One": 1, "Text": "1", "Ratio": 6.0, "Flag": True},
    property_file=lambda step, file: {"mse": {"value": 5}},
)


def holds(*conditions, scope=SCOPE):
    step = definition(condition("Check", list(conditions))).steps[0]
    return evaluate(step.conditions, scope)


def test_numbers_compare_by_value_whatever_their_types():
    mse = {"Std:JsonGet": {"PropertyFile": get("Steps.E.PropertyFiles.F"), "Path": "mse.value"}}
    assert holds({"Type": "LessThan", "LeftValue": mse, "RightValue": 5.1})
    assert holds(
        {"Type": "LessThanOrEqualTo", "LeftValue": mse, "RightValue": get("Parameters.Ratio")}
    )
    assert holds(equal(get("Parameters.One"), 1.0))
    assert not holds({"Type": "GreaterThan", "LeftValue": mse, "RightValue": 5})


def test_strings_compare_by_character():
    assert not holds(
        {"Type": "GreaterThan", "LeftValue": get("Parameters.Text"), "RightValue": "3"}
    )
    assert holds(
        {"Type": "GreaterThan", "LeftValue": "9", "RightValue": join(get("Parameters.One"), "0")}
    )


def test_all_conditions_of_a_step_must_hold():
    assert holds(equal(1, 1), equal(True, get("Parameters.Flag")))
    assert not holds(equal(1, 1), equal(1, 2))


def test_in_not_and_or():
    among = {"Type": "In", "QueryValue": get("Parameters.Text"), "Values": ["0", join(1)]}
    assert holds(among)
    assert not holds({"Type": "Not", "Condition": among})
    assert holds({"Type": "Or", "Conditions": [equal(1, 2), among]})
    assert not holds({"Type": "Or", "Conditions": []})


def test_the_published_schemas_spellings_mean_the_same():
    assert holds({"Type": "NotEquals", "LeftValue": 1, "RightValue": 2})
    assert not holds({"Type": "NotIn", "QueryValue": "a", "Values": ["a"]})
    assert holds({"Type": "In", "Value": "a", "In": ["a"]})


def test_a_value_of_another_kind_is_never_in_a_list():
    assert not holds({"Type": "In", "QueryValue": 1, "Values": ["1", True]})


@pytest.mark.parametrize(("left", "right"), [("1", 1), (True, 1), (True, "true")])
def test_values_of_different_kinds_do_not_compare(left, right):
    with pytest.raises(ResolveError, match="are not of the same type"):
        holds(equal(left, right))


def test_booleans_have_no_order():
    with pytest.raises(ResolveError, match="not supported between"):
        compare(Operator.LESS_THAN, False, True)


def test_a_value_that_cannot_be_resolved_fails_whatever_the_other_conditions_say():
    with pytest.raises(ResolveError, match=r"Parameters\.Missing"):
        holds(equal(1, 2), equal(get("Parameters.Missing"), 1))
