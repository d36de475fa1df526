"""Small definitions for tests."""

from typing import Any

from slipway.definition.model import Definition
from slipway.definition.parse import parse


def step(name: str, kind: str = "Lambda", **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": members.pop("arguments", {}), **members}


def condition(
    name: str,
    conditions: list[Any],
    then: list[Any] = (),
    otherwise: list[Any] = (),
    **members: Any,
) -> dict[str, Any]:
    arguments = {"Conditions": conditions, "IfSteps": list(then), "ElseSteps": list(otherwise)}
    return step(name, "Condition", arguments=arguments, **members)


def definition(*steps: dict[str, Any], parameters: list[Any] = (), **members: Any) -> Definition:
    whole = {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    return parse({**whole, **members})


def get(text: str) -> dict[str, str]:
    return {"Get": text}


def join(*values: Any, on: str = "") -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def equal(left: Any, right: Any) -> dict[str, Any]:
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


ROLE = "arn:aws:iam::123456789012:role/Pipeline"


def training(name: str, arguments: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A Training step that SageMaker takes; `arguments` replace whole members, None removes one."""
    usual = {
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "RoleArn": ROLE,
    }
    return step(name, "Training", arguments=_merged(usual, arguments), **members)


def processing(
    name: str, arguments: dict[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """A Processing step with the output `report`; `arguments` as in `training`."""
    usual = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
            }
        },
        "AppSpecification": {"ImageUri": "image"},
        "RoleArn": ROLE,
        "ProcessingOutputConfig": {"Outputs": [output("report")]},
    }
    return step(name, "Processing", arguments=_merged(usual, arguments), **members)


def output(name: str, uri: Any = "s3://bucket/out", mode: str = "EndOfJob") -> dict[str, Any]:
    place = {"S3Uri": uri, "LocalPath": "/opt/ml/processing/output", "S3UploadMode": mode}
    return {"OutputName": name, "AppManaged": False, "S3Output": place}


def source(uri: Any, name: str = "data") -> dict[str, Any]:
    """A ProcessingInput."""
    place = {"S3Uri": uri, "LocalPath": "/opt/ml/processing/input", "S3DataType": "S3Prefix"}
    return {"InputName": name, "AppManaged": False, "S3Input": place}


def channel(uri: Any) -> dict[str, Any]:
    """An input channel of a training job."""
    place = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": place}}


def _merged(usual: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    merged = {**usual, **(given or {})}
    return {key: value for key, value in merged.items() if value is not None}
