"""Each guardrail: a request that keeps to it, one that lacks the key, one with a wrong value."""

from typing import Any

import pytest

from infra.constructs.guardrails import Guardrails
from slipway.cloud.iam.evaluate import ALLOWED, EXPLICIT_DENY, Access, Policies, Principal, decide
from slipway.cloud.iam.policy import parse

KEY = "arn:aws:kms:us-east-1:123456789012:key/ours"
GUARDRAILS = Guardrails(
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    key=KEY,
    job_types=("ml.m5.large", "ml.c5.2xlarge"),
    serving_types=("ml.m5.large",),
    max_runtime=3600,
    tags={"application": "slipway", "cost-center": "research"},
)
GOOD: dict[str, tuple[str, ...]] = {
    "sagemaker:vpcsubnets": ("subnet-1", "subnet-2"),
    "sagemaker:vpcsecuritygroupids": ("sg-1",),
    "sagemaker:volumekmskey": (KEY,),
    "sagemaker:outputkmskey": (KEY,),
    "sagemaker:networkisolation": ("true",),
    "sagemaker:intercontainertrafficencryption": ("true",),
    "sagemaker:instancetypes": ("ml.m5.large",),
    "sagemaker:maxruntimeinseconds": ("3600",),
    "aws:requesttag/application": ("slipway",),
    "aws:requesttag/cost-center": ("research",),
}
WRONG: dict[str, tuple[str, ...]] = {
    "sagemaker:vpcsubnets": ("subnet-1", "subnet-9"),
    "sagemaker:vpcsecuritygroupids": ("sg-9",),
    "sagemaker:volumekmskey": ("arn:aws:kms:us-east-1:123456789012:key/other",),
    "sagemaker:outputkmskey": ("alias/aws/s3",),
    "sagemaker:networkisolation": ("false",),
    "sagemaker:intercontainertrafficencryption": ("false",),
    "sagemaker:instancetypes": ("ml.m5.large", "ml.p4d.24xlarge"),
    "sagemaker:maxruntimeinseconds": ("3601",),
    "aws:requesttag/application": ("other",),
    "aws:requesttag/cost-center": ("",),
}
NETWORK = {"sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids"}
TAGS = {"aws:requesttag/application", "aws:requesttag/cost-center"}
# Which keys each call carries and must carry.
CALLS = {
    "CreateTrainingJob": set(GOOD),
    "CreateProcessingJob": set(GOOD),
    "CreateHyperParameterTuningJob": set(GOOD),
    "CreateAutoMLJobV2": NETWORK
    | {"sagemaker:volumekmskey", "sagemaker:outputkmskey"}
    | {"sagemaker:intercontainertrafficencryption"},
    "CreateTransformJob": TAGS
    | {"sagemaker:volumekmskey", "sagemaker:outputkmskey", "sagemaker:instancetypes"},
    "CreateModel": NETWORK | TAGS | {"sagemaker:networkisolation"},
    "CreateEndpointConfig": TAGS | {"sagemaker:volumekmskey"},
}
CASES = [(call, key) for call in CALLS for key in sorted(CALLS[call])]


def outcome(call: str, context: dict[str, tuple[str, ...]]) -> str:
    denials: list[dict[str, Any]] = [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Action": [f"sagemaker:{action}" for action in actions],
            "Resource": "*",
            "Condition": condition,
        }
        for sid, actions, condition in GUARDRAILS.rules()
    ]
    allow = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, *denials]}
    policies = Policies(identity=[parse(document, "guardrails", "identity")])
    principal = Principal("AWS", "arn:aws:sts::123456789012:assumed-role/scientist/ann")
    return decide(policies, Access(f"sagemaker:{call}", "*", principal, context)).outcome


@pytest.mark.parametrize("call", CALLS)
def test_a_request_that_keeps_to_all_of_them_is_allowed(call: str) -> None:
    assert outcome(call, {key: GOOD[key] for key in CALLS[call]}) == ALLOWED


@pytest.mark.parametrize("call, key", CASES)
def test_a_request_that_lacks_a_key_is_denied(call: str, key: str) -> None:
    context = {each: GOOD[each] for each in CALLS[call] if each != key}
    assert outcome(call, context) == EXPLICIT_DENY


@pytest.mark.parametrize("call, key", CASES)
def test_a_request_with_a_wrong_value_is_denied(call: str, key: str) -> None:
    context = {each: GOOD[each] for each in CALLS[call]} | {key: WRONG[key]}
    assert outcome(call, context) == EXPLICIT_DENY


def test_a_model_is_served_on_the_types_that_are_allowed() -> None:
    good = {each: GOOD[each] for each in CALLS["CreateEndpointConfig"]}
    types = "sagemaker:instancetypes"
    assert outcome("CreateEndpointConfig", good | {types: ("ml.m5.large",)}) == ALLOWED
    assert outcome("CreateEndpointConfig", good | {types: ("ml.g5.xlarge",)}) == EXPLICIT_DENY


def test_what_creates_nothing_is_none_of_their_business() -> None:
    assert outcome("DescribeTrainingJob", {}) == ALLOWED
