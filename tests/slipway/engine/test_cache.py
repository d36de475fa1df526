"""What makes two runs of a step equal."""

import pytest

from slipway.engine.cache import cache_key

PROCESSING = {
    "AppSpecification": {"ImageUri": "image", "ContainerEntrypoint": ["python3", "a.py"]},
    "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://bucket/data"}}],
    "ProcessingOutputConfig": {"Outputs": []},
    "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large"}},
    "RoleArn": "arn:aws:iam::123456789012:role/a",
}


def key(arguments, step_type="Processing", **extras):
    return cache_key(step_type, arguments, extras)


def test_role_instance_and_output_do_not_count():
    other = {
        **PROCESSING,
        "ProcessingOutputConfig": {"Outputs": [1]},
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.c5.xlarge"}},
        "RoleArn": "arn:aws:iam::123456789012:role/b",
        "Tags": [{"Key": "a", "Value": "b"}],
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    assert key(other) == key(PROCESSING)


@pytest.mark.parametrize("member", ["AppSpecification", "ProcessingInputs", "Environment"])
def test_each_key_counts(member):
    assert key({**PROCESSING, member: {"changed": "1"}}) != key(PROCESSING)


def test_the_order_of_members_does_not_count():
    assert key(turned(PROCESSING)) == key(PROCESSING)


def turned(value):
    """Return a JSON value with the members of every object in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(inner) for name, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def test_nested_keys_count_and_their_neighbors_do_not():
    job = {"TrainingJobDefinition": {"InputDataConfig": [1], "RoleArn": "a"}}
    role = {"TrainingJobDefinition": {"InputDataConfig": [1], "RoleArn": "b"}}
    data = {"TrainingJobDefinition": {"InputDataConfig": [2], "RoleArn": "a"}}
    assert key(job, "Tuning") == key(role, "Tuning") != key(data, "Tuning")


def test_a_lambda_is_compared_by_function_and_event():
    assert key({"a": 1}, "Lambda", FunctionArn="f") == key({"a": 1}, "Lambda", FunctionArn="f")
    assert key({"a": 1}, "Lambda", FunctionArn="f") != key({"a": 1}, "Lambda", FunctionArn="g")
    assert key({"a": 1}, "Lambda", FunctionArn="f") != key({"a": 2}, "Lambda", FunctionArn="f")


@pytest.mark.parametrize("step_type", ["Condition", "Model", "RegisterModel", "Fail"])
def test_some_types_are_never_cached(step_type):
    assert key({}, step_type) is None
