"""Whatever JSON arrives, the answer is a definition or its faults, never an error of ours."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.definition.check import check
from slipway.definition.errors import DefinitionError
from slipway.definition.graph import build_graph
from slipway.definition.lint import lint

from .samples import channel, condition, equal, get, join, processing, step, training
from .strategies import plain

MSE = {"Std:JsonGet": {"PropertyFile": get("Steps.Evaluate.PropertyFiles.R"), "Path": "a[0].b"}}
WHOLE = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [{"Name": "P", "Type": "String", "DefaultValue": "a", "EnumValues": ["a"]}],
    "PipelineExperimentConfig": {"ExperimentName": get("Execution.PipelineName")},
    "Steps": [
        training(
            "Train",
            {"InputDataConfig": [channel(get("Parameters.P"))], "HyperParameters": {"a": join(1)}},
            CacheConfig={"Enabled": True, "ExpireAfter": "P1D"},
            RetryPolicies=[{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1}],
        ),
        processing(
            "Evaluate",
            {"Environment": {"MODEL": get("Steps.Train.ModelArtifacts.S3ModelArtifacts")}},
            PropertyFiles=[{"PropertyFileName": "R", "OutputName": "report", "FilePath": "a.json"}],
        ),
        condition(
            "Check",
            [
                {"Type": "Or", "Conditions": [equal(MSE, 1)]},
                {"Type": "Not", "Condition": {"Type": "In", "QueryValue": "a", "Values": ["a"]}},
            ],
            then=[step("M", "Model", arguments={"PrimaryContainer": {"Image": "i"}})],
            otherwise=[step("Stop", "Fail", arguments={"ErrorMessage": join("a", MSE)})],
        ),
        step(
            "Loop",
            "ForEach",
            arguments={
                "IterableItems": ["a"],
                "MaxConcurrency": 1,
                "Selector": {
                    "Pick": "MaxBy",
                    "Field": get("IterationOutput.Each.OutputParameters['o']"),
                },
                "ForEachBody": [
                    step(
                        "Each",
                        FunctionArn="f",
                        OutputParameters=[{"OutputName": "o", "OutputType": "Float"}],
                        arguments={"item": get("ForEach.CurrentItem")},
                    )
                ],
            },
        ),
        step("E", "EMR", arguments={"ClusterConfig": {"Instances": {"InstanceGroups": []}}}),
        step(
            "Clean",
            "Cleanup",
            arguments={"Resources": {"S3": [{"StepName": "Train"}]}},
            DependsOn=["Train", {"Step": "Evaluate", "Trigger": "Any"}],
        ),
        step("Bias", "ClarifyCheck", arguments=processing("B")["Arguments"], CheckType="DATA_BIAS"),
    ],
}
EXPRESSIONS = st.sampled_from(
    [
        get("Parameters.P"),
        get("Parameters.Q"),
        get("Steps.Train.TrainingJobName"),
        get("Steps.Loop.IterationOutputs[0].Each.x"),
        get("ForEach.CurrentItem.a"),
        get("Steps.Train"),
        join(get("Steps.Stop.x")),
        MSE,
        {"Std:Join": {}},
        {"Std:JsonGet": {"S3Uri": join("a"), "Path": "a"}},
    ]
)


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


PLACES = list(places(WHOLE))


@st.composite
def damaged(draw):
    """The definition above with one or two of its values replaced, or removed."""
    whole = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(PLACES))
        target = whole
        try:
            for key in path[:-1]:
                target = target[key]
            if not path:
                whole = draw(plain)
            elif draw(st.booleans()):
                target[path[-1]] = draw(plain | EXPRESSIONS)
            else:
                del target[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # the first damage took the place away
    return whole


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_a_definition_or_its_faults(operation_model, whole):
    text = json.dumps(whole)
    findings = lint(text, operation_model)
    try:
        definition = check(text, operation_model)
    except DefinitionError as error:
        assert [fault for fault in error.faults if fault.message]
        assert any(finding.refused for finding in findings)
    else:
        assert not any(finding.refused for finding in findings)
        assert len(build_graph(definition).steps) <= len(list(definition.walk()))


def test_it_is_taken_undamaged(operation_model):
    assert check(json.dumps(WHOLE), operation_model).steps
