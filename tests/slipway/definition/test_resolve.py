"""From values with references to plain values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.errors import ResolveError
from slipway.definition.render import render
from slipway.definition.resolve import Scope, resolve, without_nulls

from .samples import get, join
from .strategies import plain, primitives

TRAINED = {
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/m.tar.gz"},
    "FinalMetricDataList": [{"MetricName": "loss", "Value": 0.5}],
    "ResourceConfig": {"InstanceCount": 2},
}
PROCESSED = {
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "test", "S3Output": {"S3Uri": "s3://b/test"}},
            {"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}},
        ]
    },
    "ProcessingInputs": [{"InputName": "code", "S3Input": {"S3Uri": "s3://b/code"}}],
}
STEPS = {
    "Train": TRAINED,
    "Prepare": PROCESSED,
    "Call": {"OutputParameters": {"body": '{"a": 1}'}},
    "Job": {"JobConfigDocument": '{"Out": {"Arn": "arn:x"}}'},
}
REPORT = {"metrics": {"mse": {"value": 3.0}}, "folds": [{"n": 1}, {"n": 2}]}
SCOPE = Scope(
    parameters={"Text": "abc", "Count": 3, "Rate": 6.0, "Flag": True},
    variables={"PipelineExecutionId": "abcdefghijkl"},
    experiment={"ExperimentName": "e", "TrialName": "t"},
    properties=STEPS.__getitem__,
    property_file=lambda step, file: {("Evaluate", "Report"): REPORT}[step, file],
    json_file={"s3://b/abc/results.json": {"Return": [7, 8]}}.__getitem__,
    item='{"name": "x", "deep": {"k": [1]}}',
)


def json_get(path):
    return {
        "Std:JsonGet": {"PropertyFile": get("Steps.Evaluate.PropertyFiles.Report"), "Path": path}
    }


@given(plain)
def test_a_value_without_expressions_stays_what_it_is(value):
    assert resolve(value, Scope()) == value


@given(st.dictionaries(st.text(min_size=1, max_size=5), primitives, min_size=1, max_size=4))
def test_a_parameter_keeps_its_type_anywhere(parameters):
    scope = Scope(parameters={f"P{n}": value for n, value in enumerate(parameters.values())})
    value = {"k": [get(f"Parameters.P{number}") for number in range(len(parameters))]}
    resolved = resolve(value, scope)["k"]
    assert resolved == list(parameters.values())
    assert [type(each) for each in resolved] == [type(each) for each in parameters.values()]


@given(st.lists(primitives, max_size=5), st.text(max_size=2))
def test_a_join_is_the_text_of_its_values_and_nesting_without_separator_changes_nothing(values, on):
    assert resolve(join(*values, on=on), Scope()) == on.join(map(render, values))
    nested = join(*(join(value) for value in values), on=on)
    assert resolve(nested, Scope()) == resolve(join(*values, on=on), Scope())


@given(plain)
def test_resolving_twice_is_resolving_once(value):
    mixed = {
        "a": value,
        "b": get("Parameters.Text"),
        "c": join(get("Parameters.Rate"), value is None),
    }
    once = resolve(mixed, SCOPE)
    assert resolve(once, SCOPE) == once


def test_numbers_and_booleans_in_a_join():
    values = [get("Parameters.Count"), get("Parameters.Rate"), get("Parameters.Flag"), "x", 1.5]
    assert resolve(join(*values, on="|"), SCOPE) == "3|6.0|true|x|1.5"


def test_execution_variables_and_the_experiment():
    value = join(get("Execution.PipelineExecutionId"), get("PipelineExperimentConfig.TrialName"))
    assert resolve(value, SCOPE) == "abcdefghijklt"


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("Steps.Train.ModelArtifacts.S3ModelArtifacts", "s3://b/m.tar.gz"),
        ("Steps.Train.ResourceConfig.InstanceCount", 2),
        ("Steps.Train.FinalMetricDataList['loss'].Value", 0.5),
        ("Steps.Train.FinalMetricDataList[0].Value", 0.5),
        ("Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri", "s3://b/train"),
        ("Steps.Prepare.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri", "s3://b/test"),
        ("Steps.Prepare.ProcessingInputs['code'].S3Input.S3Uri", "s3://b/code"),
        ("Steps.Call.OutputParameters['body']", '{"a": 1}'),
        ("Steps.Job.JobConfigDocument.Out.Arn", "arn:x"),
        ("ForEach.CurrentItem.name", "x"),
        ("ForEach.CurrentItem.deep['k'][0]", 1),
    ],
)
def test_properties_by_member_index_and_name(reference, value):
    assert resolve(get(reference), SCOPE) == value


def test_values_of_property_files_and_json_objects_keep_their_type():
    assert resolve(json_get("metrics.mse.value"), SCOPE) == 3.0
    assert resolve(json_get("folds[1].n"), SCOPE) == 2
    assert resolve(json_get("folds"), SCOPE) == REPORT["folds"]
    uri = join("s3://b", get("Parameters.Text"), "results.json", on="/")
    assert resolve({"Std:JsonGet": {"S3Uri": uri, "Path": "Return[1]"}}, SCOPE) == 8


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (get("Parameters.Txt"), r"Parameters.Txt has no value. Did you mean 'Text'\?"),
        (get("Steps.Train.ModelArtifact.X"), r"there is no .ModelArtifact at the top. There is: "),
        (
            get("Steps.Prepare.ProcessingOutputConfig.Outputs['no'].S3Output.S3Uri"),
            r"no \['no'\] at .ProcessingOutputConfig.Outputs. It is a list of 2: test, train.",
        ),
        (get("Steps.Train.FinalMetricDataList[5].Value"), r"no \[5\] at .FinalMetricDataList"),
        (get("Steps.Call.OutputParameters['body'].a"), "It is a str"),
        (
            json_get("metrics.mae.value"),
            "property file 'Report' of step 'Evaluate'.*no .mae at .metrics",
        ),
        (join(json_get("folds")), "Std:Join takes strings, numbers and booleans, found a list"),
        (join(None), "found null"),
        (get("IterationOutput.Body.x"), "only for the selector"),
    ],
)
def test_what_has_no_value_is_named(value, message):
    with pytest.raises(ResolveError, match=message):
        resolve({"deep": [value]}, SCOPE)


def test_a_scope_that_lacks_something_says_so():
    with pytest.raises(ResolveError, match="step 'Train' has no properties here"):
        resolve(get("Steps.Train.ModelArtifacts.X"), Scope())


def test_nulls_count_as_absent_in_a_request():
    request = {"A": None, "B": [{"C": None, "D": 0}], "E": False, "F": ""}
    assert without_nulls(request) == {"B": [{"D": 0}], "E": False, "F": ""}
