"""Arguments against the shapes of AWS's own model."""

import pytest

from slipway.definition.arguments import check_arguments

from .samples import (
    channel,
    condition,
    definition,
    equal,
    get,
    join,
    processing,
    source,
    step,
    training,
)

PARAMETERS = [
    {"Name": "Text", "Type": "String"},
    {"Name": "Count", "Type": "Integer", "DefaultValue": 1},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Flag", "Type": "Boolean", "DefaultValue": True},
]


def faults(operation_model, *steps):
    found = check_arguments(definition(*steps, parameters=PARAMETERS), operation_model)
    return [f"{fault.prefix}{fault}" for fault in found]


def refused(message):
    return f"Unable to parse pipeline definition. {message}"


def test_steps_that_sagemaker_takes(operation_model):
    assert faults(operation_model, training("T"), processing("P")) == []


def test_references_may_stand_where_they_fit(operation_model):
    resources = {
        "InstanceType": get("Parameters.Text"),
        "InstanceCount": get("Parameters.Count"),
        "VolumeSizeInGB": {
            "Std:JsonGet": {"PropertyFile": get("Steps.P.PropertyFiles.F"), "Path": "size"}
        },
    }
    arguments = {
        "ResourceConfig": resources,
        "EnableManagedSpotTraining": get("Parameters.Flag"),
        "InputDataConfig": [
            channel(get("Steps.P.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"))
        ],
        "HyperParameters": {
            "a": get("Parameters.Text"),
            "b": join(get("Parameters.Count")),
            "c": get("Execution.PipelineExecutionId"),
            "d": get("Steps.L.OutputParameters['s']"),
            "e": "3",
        },
        "OutputDataConfig": {"S3OutputPath": join("s3:/", get("Parameters.Text"), on="/")},
        "CheckpointConfig": None,
    }
    outputs = [{"OutputName": "s", "OutputType": "String"}]
    steps = [training("T", arguments), processing("P"), step("L", OutputParameters=outputs)]
    assert faults(operation_model, *steps) == []


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        (get("Parameters.Count"), "Parameters.Count"),
        (get("Parameters.Rate"), "Parameters.Rate"),
        (get("Parameters.Flag"), "Parameters.Flag"),
        (get("Steps.U.ResourceConfig.InstanceCount"), "Steps.U.ResourceConfig.InstanceCount"),
        (get("Steps.L.OutputParameters['n']"), "Steps.L.OutputParameters['n']"),
    ],
)
def test_a_number_for_a_string_field_is_refused_in_awss_words(operation_model, reference, shown):
    outputs = [{"OutputName": "n", "OutputType": "Integer"}]
    arguments = {"HyperParameters": {"epochs": reference}}
    lone = step("L", FunctionArn="f", OutputParameters=outputs)
    found = faults(operation_model, training("T", arguments), training("U"), lone)
    assert len(found) == 1
    assert found[0].startswith(
        f"Cannot assign property reference [{shown}] to argument of type [String]."
    )
    assert "(step 'T', Arguments.HyperParameters.epochs)" in found[0]


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        (get("Parameters.Text"), "Integer"),
        (get("Parameters.Rate"), "Integer"),
        (join(get("Parameters.Count")), "Integer"),
    ],
)
def test_what_is_no_integer_for_an_integer_field_is_refused(operation_model, reference, kind):
    arguments = {"StoppingCondition": {"MaxRuntimeInSeconds": reference}}
    found = faults(operation_model, training("T", arguments))
    assert f"to argument of type [{kind}]" in found[0]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (
            {"NetworkIsolation": True},
            "Unknown Argument member 'NetworkIsolation'. Did you mean 'EnableNetworkIsolation'?",
        ),
        ({"Tags": [{"key": "a", "value": "b"}]}, "Unknown Argument member 'key'."),
        (
            {"InputDataConfig": []},
            "Model Validation failed: Length of container InputDataConfig=0 cannot be less than min=1.",
        ),
        (
            {"HyperParameters": {f"h{n}": "1" for n in range(101)}},
            "Model Validation failed: Length of container HyperParameters=101 "
            "cannot be greater than max=100.",
        ),
        (
            {"TrainingJobName": "x" * 91},
            f"Model Validation failed: string '{'x' * 91}' with length=91 "
            "cannot be greater than max=63.0 defined for TrainingJobName.",
        ),
        (
            {"AlgorithmSpecification": {"TrainingInputMode": "Fast"}},
            "Model Validation failed: Value 'Fast' for 'TrainingInputMode' "
            "failed to satisfy enum value set: [Pipe, File, FastFile]",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "Model Validation failed: 0 cannot be less than min=1.0 defined for MaxRuntimeInSeconds.",
        ),
        (
            {"HyperParameters": {"epochs": 3}},
            "Model Validation failed: Expected String for HyperParameterValue, found 3.",
        ),
        ({"EnableManagedSpotTraining": 1}, "Expected Boolean for Boolean, found 1."),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": True}}, "found True."),
        ({"RoleArn": None}, "Model Validation failed: Missing required member 'RoleArn'."),
        (
            {"OutputDataConfig": {"S3OutputPath": None}},
            "Model Validation failed: Missing required member 'S3OutputPath'.",
        ),
        ({"VpcConfig": {"Subnets": get("Parameters.Text")}}, "Expecting start of Json Array."),
        ({"Environment": get("Parameters.Text")}, "Expecting start of Json Object."),
        ({"Environment": []}, "Expecting start of Json Object."),
        ({"Tags": {}}, "Expecting start of Json Array."),
        ({"StoppingCondition": 1}, "Expecting start of Json Object."),
    ],
)
def test_what_a_training_job_does_not_take(operation_model, arguments, fault):
    found = faults(operation_model, training("T", arguments))
    assert any(fault in each for each in found)
    assert all(each.startswith("Unable to parse pipeline definition. ") for each in found)
    assert all("(step 'T', Arguments" in each for each in found)


def test_the_input_mode_that_processing_lacks(operation_model):
    wrong = source("s3://b/k")
    wrong["S3Input"]["S3InputMode"] = "FastFile"
    assert faults(operation_model, processing("P", {"ProcessingInputs": [wrong]})) == [
        refused(
            "Model Validation failed: Value 'FastFile' for 'ProcessingS3InputMode' "
            "failed to satisfy enum value set: [Pipe, File] "
            "(step 'P', Arguments.ProcessingInputs[0].S3Input.S3InputMode)"
        )
    ]


def test_steps_of_branches_are_checked_too(operation_model):
    inside = condition("C", [equal(1, 1)], then=[training("T", {"Nope": 1})])
    assert "(step 'T', Arguments)" in faults(operation_model, inside)[0]


def test_a_job_name_is_not_required(operation_model):
    assert faults(operation_model, training("T", {"TrainingJobName": "prefix"})) == []
    model = step("M", "Model", arguments={"PrimaryContainer": {"Image": "i"}})
    assert faults(operation_model, model) == []
