"""The expressions that may stand for a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.errors import ExpressionError
from slipway.definition.paths import Index, Key, Member, parse_path, render_path
from slipway.definition.references import (
    Join,
    JsonGet,
    ParameterReference,
    PropertyFileReference,
    StepProperty,
    expressions,
    parse_expression,
    parse_get,
)

from .samples import get, join
from .strategies import paths, plain, references


@given(paths)
def test_a_path_that_is_written_reads_back_the_same(path):
    assert parse_path(render_path(path)) == path


@given(references)
def test_a_reference_that_is_written_reads_back_the_same(reference):
    assert parse_get(str(reference)) == reference


def test_a_step_property_with_a_named_output():
    text = "Steps.Abalone-Preprocess.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"
    assert parse_get(text) == StepProperty(
        "Abalone-Preprocess",
        (
            Member("ProcessingOutputConfig"),
            Member("Outputs"),
            Key("train"),
            Member("S3Output"),
            Member("S3Uri"),
        ),
    )


def test_a_json_path_may_start_with_the_root_sign_or_an_index():
    assert parse_path("a.b[0].c") == (Member("a"), Member("b"), Index(0), Member("c"))
    file = get("Steps.E.PropertyFiles.Report")
    with_root = {"Std:JsonGet": {"PropertyFile": file, "Path": "$.a['b c'][1]"}}
    assert parse_expression(with_root) == JsonGet(
        PropertyFileReference("E", "Report"), (Member("a"), Key("b c"), Index(1))
    )
    of_function = {"Std:JsonGet": {"S3Uri": join("s3://b/", "k"), "Path": "Return[1]"}}
    assert parse_expression(of_function) == JsonGet(
        join("s3://b/", "k"), (Member("Return"), Index(1))
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Parameters",
        "Parameters.",
        "Parameters.A.B",
        "Parameters..A",
        "Steps.A",
        "Steps.A.B..C",
        "Steps.A.B[",
        "Steps.A.B[x]",
        "Execution.Nothing",
        "PipelineExperimentConfig.Name",
        "ForEach.Item",
        "Something.A",
    ],
)
def test_anything_else_is_no_reference(text):
    with pytest.raises(ExpressionError):
        parse_get(text)


@pytest.mark.parametrize(
    "value",
    [
        {"Get": 1},
        {"Std:Join": ["a"]},
        {"Std:Join": {"On": 1, "Values": []}},
        {"Std:Join": {"On": "", "Values": "a"}},
        {"Std:JsonGet": {"Path": "a"}},
        {"Std:JsonGet": {"PropertyFile": "x", "Path": "a"}},
        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.A.B"}, "Path": "a"}},
        {"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": {"Get": "Parameters.P"}}},
        {"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": "a..b"}},
    ],
)
def test_a_malformed_function_is_refused_not_taken_for_a_plain_object(value):
    with pytest.raises(ExpressionError):
        parse_expression(value)


@given(plain)
def test_plain_values_hold_no_expressions(value):
    assert list(expressions(value)) == []


@given(st.lists(references, max_size=4), plain)
def test_every_reference_is_found_wherever_it_stands(wanted, filler):
    value = {"x": [filler, {"y": [get(str(reference)) for reference in wanted]}]}
    assert [found for _, found in expressions(value)] == wanted


def test_expressions_are_found_with_their_places_and_inside_joins():
    inner = join(get("Parameters.B"), 1)
    value = {"Environment": {"A": join("x", inner, on="-")}, "List": [get("Parameters.A")]}
    assert list(expressions(value, "Arguments")) == [
        ("Arguments.Environment.A", Join("-", ("x", inner))),
        ("Arguments.Environment.A", Join("", (get("Parameters.B"), 1))),
        ("Arguments.Environment.A", ParameterReference("B")),
        ("Arguments.List[0]", ParameterReference("A")),
    ]


def test_the_uri_of_a_json_get_is_looked_into_but_its_property_file_is_not():
    by_uri = {"Std:JsonGet": {"S3Uri": join(get("Steps.A.ExitMessage")), "Path": "a"}}
    by_file = {"Std:JsonGet": {"PropertyFile": get("Steps.B.PropertyFiles.F"), "Path": "a"}}
    found = [type(each).__name__ for _, each in expressions([by_uri, by_file])]
    assert found == ["JsonGet", "Join", "StepProperty", "JsonGet"]
