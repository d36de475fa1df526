"""The values of an execution's parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.errors import ParameterError
from slipway.definition.model import Definition, Parameter, ParameterType
from slipway.definition.parameters import as_strings, effective_values

PARAMETERS = (
    Parameter("Text", ParameterType.STRING, "abc"),
    Parameter("Count", ParameterType.INTEGER, 50),
    Parameter("Rate", ParameterType.FLOAT, 6.0),
    Parameter("Flag", ParameterType.BOOLEAN, True),
    Parameter("Size", ParameterType.STRING, "small", ("small", "large")),
)


def values(*parameters, **given):
    pairs = [{"Name": name, "Value": value} for name, value in given.items()]
    return effective_values(Definition(steps=(), parameters=parameters or PARAMETERS), pairs)


def test_without_start_values_the_defaults_hold():
    assert as_strings(values()) == {
        "Text": "abc",
        "Count": "50",
        "Rate": "6.0",
        "Flag": "true",
        "Size": "small",
    }


def test_start_values_are_strings_that_become_what_is_declared():
    assert values(Text="1", Count="-7", Rate="3", Flag="False", Size="large") == {
        "Text": "1",
        "Count": -7,
        "Rate": 3.0,
        "Flag": False,
        "Size": "large",
    }
    assert type(values(Rate="3")["Rate"]) is float


def test_an_empty_string_is_a_value_of_a_string_parameter_only():
    assert values(Text="")["Text"] == ""
    with pytest.raises(ParameterError, match="Expected Integer but found ''"):
        values(Count="")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Count", "1.5"),
        ("Count", "3.0"),
        ("Count", "x"),
        ("Count", "٣"),
        ("Count", "9" * 19),
        ("Rate", "nan"),
        ("Rate", "1e999"),
        ("Rate", "1_0"),
        ("Flag", "yes"),
        ("Flag", "1"),
    ],
)
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(ParameterError, match=f"Unexpected type for parameter '{name}'"):
        values(**{name: value})


def test_every_fault_is_reported_at_once():
    parameters = (*PARAMETERS, Parameter("Needed"))
    with pytest.raises(ParameterError) as caught:
        values(*parameters, Txt="a", Count="x", Size="huge", Text="x" * 1025)
    assert [fault.split(" for")[0][:60] for fault in caught.value.faults] == [
        "Unknown parameter 'Txt'. Did you mean 'Text'?",
        "Unexpected type",
        "Value 'huge' of parameter 'Size' is not one of ['small', 'la",
        f'[string "{"x" * 51}',
        "Parameter 'Needed' is undefined.",
    ]


def test_a_name_given_twice_is_refused():
    pairs = [{"Name": "Text", "Value": "a"}, {"Name": "Text", "Value": "b"}]
    with pytest.raises(ParameterError, match="'Text' is given more than once"):
        effective_values(Definition(steps=(), parameters=PARAMETERS), pairs)


def test_a_pipeline_without_parameters_says_so():
    with pytest.raises(ParameterError, match="The pipeline has no parameters"):
        effective_values(Definition(steps=()), [{"Name": "A", "Value": "1"}])


@given(
    st.fixed_dictionaries(
        {
            "Text": st.text(max_size=20),
            "Count": st.integers(-(10**17), 10**17),
            "Rate": st.floats(allow_nan=False, allow_infinity=False),
            "Flag": st.booleans(),
        }
    )
)
def test_values_shown_as_strings_start_an_equal_execution(chosen):
    again = values(**as_strings(chosen))
    assert {name: again[name] for name in chosen} == chosen
