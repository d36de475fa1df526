"""What no principal of the platform may ask of SageMaker: jobs outside the VPC, without keys, without end.

Each rule is a denial of its own, since the keys of one operator are ANDed: who gives subnets and no
security groups must not slip through. How an operator takes a key that is absent decides its form:
a negated one (`ArnNotEquals`, `StringNotEquals`) and `…IfExists` match, and so deny; those of several values
(`ForAnyValue`) do not, so each has a `Null` beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam

from infra.constructs.stack import PlatformStack

JOBS = ("CreateHyperParameterTuningJob", "CreateProcessingJob", "CreateTrainingJob")
AUTOML = ("CreateAutoMLJob", "CreateAutoMLJobV2")
# Which calls carry which keys: service authorization reference of SageMaker.
IN_VPC = (*AUTOML, *JOBS, "CreateModel")
ISOLATED = (*JOBS, "CreateModel")
ENCRYPTED_VOLUMES = (*AUTOML, *JOBS, "CreateEndpointConfig", "CreateTransformJob")
ENCRYPTED_OUTPUT = (*AUTOML, *JOBS, "CreateTransformJob")
TYPED = (*JOBS, "CreateTransformJob")
TAGGED = (*JOBS, "CreateEndpointConfig", "CreateModel", "CreateTransformJob")


@dataclass(frozen=True)
class Guardrails:
    """The values that requests must have."""

    subnets: Sequence[str]
    security_groups: Sequence[str]
    key: str  # ARN
    job_types: Sequence[str]
    serving_types: Sequence[str]
    max_runtime: int  # seconds
    tags: Mapping[str, str]

    def rules(self) -> Iterator[tuple[str, Sequence[str], Mapping[str, Any]]]:
        """Yield the Sid, the actions and the condition of each denial."""
        yield "NoSubnets", IN_VPC, null("sagemaker:VpcSubnets")
        yield "OtherSubnets", IN_VPC, other("sagemaker:VpcSubnets", self.subnets)
        yield "NoSecurityGroups", IN_VPC, null("sagemaker:VpcSecurityGroupIds")
        yield (
            "OtherSecurityGroups",
            IN_VPC,
            other("sagemaker:VpcSecurityGroupIds", self.security_groups),
        )
        yield "VolumeKey", ENCRYPTED_VOLUMES, {"ArnNotEquals": {"sagemaker:VolumeKmsKey": self.key}}
        yield "OutputKey", ENCRYPTED_OUTPUT, {"ArnNotEquals": {"sagemaker:OutputKmsKey": self.key}}
        yield "Isolation", ISOLATED, {"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}}
        yield (
            "TrafficEncryption",
            (*AUTOML, *JOBS),
            {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}},
        )
        yield "NoInstanceType", TYPED, null("sagemaker:InstanceTypes")
        yield "OtherInstanceTypes", TYPED, other("sagemaker:InstanceTypes", self.job_types)
        # CreateEndpoint has no instance types: they are its configuration's.
        serving = ("CreateEndpointConfig",)
        yield "OtherServingTypes", serving, other("sagemaker:InstanceTypes", self.serving_types)
        longer = {"sagemaker:MaxRuntimeInSeconds": str(self.max_runtime)}
        yield "Runtime", JOBS, {"NumericGreaterThanIfExists": longer}
        for key, value in self.tags.items():
            name = "".join(part.title() for part in key.split("-"))
            yield f"Tag{name}", TAGGED, {"StringNotEquals": {f"aws:RequestTag/{key}": value}}

    def policies(self, stack: PlatformStack) -> list[iam.ManagedPolicy]:
        """Return the rules as policies, for whoever creates jobs, models or endpoints.

        One would be too long: IAM takes 6 144 characters.
        """
        rules = list(self.rules())
        half = next(n for n, (sid, *_) in enumerate(rules) if sid == "NoInstanceType")
        return [
            iam.ManagedPolicy(
                stack,
                name,
                description="What nobody may ask of SageMaker",
                statements=[denial(*rule) for rule in part],
            )
            for name, part in (("Guardrails", rules[:half]), ("CostGuardrails", rules[half:]))
        ]


def denial(sid: str, actions: Sequence[str], condition: Mapping[str, Any]) -> iam.PolicyStatement:
    """Return the statement of a rule."""
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        actions=[f"sagemaker:{action}" for action in sorted(actions)],
        resources=["*"],
        conditions=dict(condition),
    )


def null(key: str) -> dict[str, Any]:
    """Return the condition that a request lacks a key."""
    return {"Null": {key: "true"}}


def other(key: str, allowed: Sequence[str]) -> dict[str, Any]:
    """Return the condition that one of a request's values is not among those allowed."""
    return {"ForAnyValue:StringNotEquals": {key: list(allowed)}}
