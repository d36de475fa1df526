"""What a Lambda step takes of a function's answer."""

import json

import pytest

from slipway.definition.model import OutputParameter, ParameterType
from slipway.engine.errors import Refused
from slipway.engine.steps.lambdas import read_outputs, results

KINDS = {
    "text": ParameterType.STRING,
    "count": ParameterType.INTEGER,
    "share": ParameterType.FLOAT,
    "fine": ParameterType.BOOLEAN,
}
DECLARED = tuple(OutputParameter(name, kind) for name, kind in KINDS.items())
GOOD = {"text": "a", "count": 3, "share": 6.0, "fine": True}


def read(result, declared=DECLARED):
    return read_outputs(json.dumps(result), declared)


def test_declared_outputs_keep_their_types_and_the_others_are_left_out():
    assert read({**GOOD, "more": 1}) == GOOD


def test_metadata_has_strings_and_properties_have_values():
    metadata, properties = results("Lambda", {"Arn": "f"}, GOOD)
    values = {each["Name"]: each["Value"] for each in metadata["Lambda"]["OutputParameters"]}
    assert values == {"text": "a", "count": "3", "share": "6.0", "fine": "true"}
    assert metadata["Lambda"]["Arn"] == "f"
    assert properties == {"OutputParameters": GOOD}


def test_an_object_becomes_one_string():
    assert read({**GOOD, "text": {"a": [1]}})["text"] == '{"a": [1]}'


def test_without_declared_outputs_any_answer_will_do():
    assert read_outputs("null", ()) == {}
    assert read_outputs("", ()) == {}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"count": "3"}, "output 'count': expected Integer, found \"3\""),
        ({"count": True}, "output 'count': expected Integer, found true"),
        ({"count": 3.5}, "expected Integer, found 3.5"),
        ({"share": "x"}, "expected Float"),
        ({"fine": 1}, "expected Boolean, found 1"),
        ({"text": None}, "expected String, found null"),
    ],
)
def test_a_mistyped_output_is_named_with_what_was_found(change, text):
    with pytest.raises(Refused, match=r"^ClientError: ") as refused:
        read({**GOOD, **change})
    assert text in refused.value.reason


def test_a_missing_output_and_an_answer_that_is_no_object():
    with pytest.raises(Refused, match=r"has no 'fine'; it has \['count', 'share', 'text'\]"):
        read({name: value for name, value in GOOD.items() if name != "fine"})
    with pytest.raises(Refused, match="expected the Lambda function to return an object"):
        read("text")
