import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fake_sagemaker import Pages, refused
from infra.functions.idle_endpoints.handler import idle
from infra.functions.stop_noncompliant_job.handler import KINDS, check
from infra.functions.stop_noncompliant_job.rules import Rules

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"
RULES = Rules(
    frozenset({"subnet-1", "subnet-2"}),
    frozenset({"sg-1"}),
    KEY,
    frozenset({"ml.m5.large"}),
    3600,
    {"application": "slipway"},
)
VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
JOBS: dict[str, dict[str, Any]] = {
    "TrainingJob": {
        "VpcConfig": VPC,
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "ResourceConfig": {"InstanceType": "ml.m5.large", "VolumeKmsKeyId": KEY},
        "OutputDataConfig": {"KmsKeyId": KEY},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    },
    "ProcessingJob": {
        "NetworkConfig": {
            "VpcConfig": VPC,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "VolumeKmsKeyId": "1234"}
        },
        "ProcessingOutputConfig": {"Outputs": [{}], "KmsKeyId": KEY},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    },
    "TransformJob": {
        "TransformResources": {"InstanceType": "ml.m5.large", "VolumeKmsKeyId": KEY},
        "TransformOutput": {"KmsKeyId": KEY},
    },
}
WRONG = [
    ("TrainingJob", "VpcConfig", None, "VpcConfig"),
    ("TrainingJob", "VpcConfig.Subnets", ["subnet-1", "subnet-9"], "Subnets"),
    ("TrainingJob", "VpcConfig.SecurityGroupIds", ["sg-9"], "SecurityGroupIds"),
    ("TrainingJob", "EnableNetworkIsolation", False, "EnableNetworkIsolation"),
    ("TrainingJob", "EnableInterContainerTrafficEncryption", None, "InterContainer"),
    ("TrainingJob", "ResourceConfig.InstanceType", "ml.p4d.24xlarge", "instance type"),
    ("TrainingJob", "ResourceConfig.VolumeKmsKeyId", None, "key of volumes"),
    ("TrainingJob", "OutputDataConfig.KmsKeyId", "alias/other", "key of output"),
    ("TrainingJob", "StoppingCondition.MaxRuntimeInSeconds", 3601, "MaxRuntimeInSeconds"),
    ("ProcessingJob", "NetworkConfig", None, "VpcConfig"),
    ("ProcessingJob", "ProcessingOutputConfig.KmsKeyId", None, "key of output"),
    ("ProcessingJob", "StoppingCondition", None, "MaxRuntimeInSeconds"),
    ("TransformJob", "TransformResources.InstanceType", "ml.c5.large", "instance type"),
    ("TransformJob", "TransformOutput.KmsKeyId", None, "key of output"),
]


class Jobs:
    """One job, which can be described and stopped."""

    def __init__(self, kind: str, job: dict[str, Any], tags: dict[str, str]) -> None:
        self.job = job | {f"{kind}Status": "InProgress", f"{kind}Arn": "arn:job"}
        self.tags = tags
        self.stopped: list[str] = []
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("describe_"):
            return lambda **_: self.job
        if name.startswith("stop_"):
            return lambda **request: self.stopped.extend(request.values())
        raise AttributeError(name)

    def get_paginator(self, _: str) -> Any:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return Pages(lambda **_: {"Tags": tags})

    def publish(self, Message: str, **_: str) -> None:
        self.said.append(Message)


def event(kind: str) -> dict[str, Any]:
    of = next(words for words, each in KINDS.items() if each.name == kind)
    return {"detail-type": of, "detail": {f"{kind}Name": "job"}}


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_that_keeps_to_the_rules_goes_on(kind: str) -> None:
    jobs = Jobs(kind, JOBS[kind], {"application": "slipway", "more": "x"})
    assert check(jobs, jobs, "topic", RULES, event(kind)) == []
    assert not jobs.stopped and not jobs.said


@pytest.mark.parametrize("kind, member, value, word", WRONG)
def test_a_job_that_does_not_is_stopped_and_somebody_is_told(
    kind: str, member: str, value: Any, word: str
) -> None:
    job = copy.deepcopy(JOBS[kind])
    *path, last = member.split(".")
    place = job
    for name in path:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    jobs = Jobs(kind, job, {"application": "slipway"})
    assert check(jobs, jobs, "topic", RULES, event(kind))
    assert jobs.stopped == ["job"]
    assert word in jobs.said[0]


def test_a_job_without_the_tags_is_stopped() -> None:
    jobs = Jobs("TrainingJob", JOBS["TrainingJob"], {"application": "other"})
    assert "tag application: expected slipway, found other" in check(
        jobs, jobs, "topic", RULES, event("TrainingJob")
    )


def test_a_job_that_has_ended_or_is_being_stopped_is_left_alone() -> None:
    jobs = Jobs("TrainingJob", {}, {})
    jobs.job["TrainingJobStatus"] = "Stopping"
    assert check(jobs, jobs, "topic", RULES, event("TrainingJob")) == []
    jobs.job["TrainingJobStatus"] = "InProgress"

    def late(**_: Any) -> None:
        raise refused("Stop", "Training job is in Stopped state")

    jobs.stop_training_job = late
    assert check(jobs, jobs, "topic", RULES, event("TrainingJob"))
    assert not jobs.said


class Endpoints:
    NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __init__(self) -> None:
        self.endpoints: dict[str, tuple[int, dict[str, str], float]] = {}

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_tags":
            return Pages(
                lambda ResourceArn: {
                    "Tags": [
                        {"Key": k, "Value": v} for k, v in self.endpoints[ResourceArn][1].items()
                    ]
                }
            )
        return Pages(
            lambda **_: {
                "Endpoints": [
                    {
                        "EndpointName": name,
                        "EndpointArn": name,
                        "LastModifiedTime": self.NOW - timedelta(minutes=age),
                    }
                    for name, (age, _, _) in self.endpoints.items()
                ]
            }
        )

    def describe_endpoint(self, EndpointName: str) -> Any:
        return {"ProductionVariants": [{"VariantName": "AllTraffic"}]}

    def get_metric_statistics(self, Dimensions: Any, **_: Any) -> Any:
        calls = self.endpoints[Dimensions[0]["Value"]][2]
        return {"Datapoints": [{"Sum": calls}] if calls else []}


def test_only_our_own_idle_endpoints_go_and_never_production() -> None:
    world, mine = Endpoints(), {"environment": "dev"}
    world.endpoints = {
        "idle": (120, mine, 0),
        "called": (120, mine, 3),
        "new": (10, mine, 0),
        "others": (120, {"environment": "prod"}, 0),
        "production": (120, mine, 0),
    }
    assert idle(world, world, mine, "production", 60, world.NOW) == ["idle"]
