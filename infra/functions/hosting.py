"""Releases to an endpoint: a model and a configuration of one name, and tags that say what is going on."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.functions import audit
from infra.functions.registry import Package

VARIANT = "AllTraffic"
RELEASE = "slipway:release"  # tag of an endpoint: the configuration that was sent to it last
SERVED = "slipway:served"  # tag of an endpoint: what served before, which `slipway rollback` reads
APPROVER = "slipway:approved-by"  # tag of a model: who approved the package for it
PACKAGE = "slipway:package"  # tag of a model: GROUP/VERSION
VERIFIED = "slipway:verified"  # tag of a model: what its test in staging found
LONGEST_TAG = 256
SETTLED = ("InService", "Failed")
MOMENT = 2.0  # seconds in which whoever has sent a release writes that down


class Busy(Exception):
    """The endpoint is changing; try again when it has settled."""


@dataclass(frozen=True)
class Place:
    """What every model and endpoint of the platform has."""

    endpoint: str
    role: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    key: str  # of the instances' volumes
    tags: Mapping[str, str]

    @staticmethod
    def from_environment(of: Mapping[str, str]) -> "Place":
        """Return the place that a function's environment names."""
        return Place(
            of["ENDPOINT_NAME"],
            of["SERVING_ROLE"],
            tuple(of["SUBNETS"].split(",")),
            tuple(of["SECURITY_GROUPS"].split(",")),
            of["KMS_KEY"],
            dict(pair.split("=", 1) for pair in of["TAGS"].split(",")),
        )


def release_name(endpoint: str, package: Package, *ends: str) -> str:
    """Return the name of a package's release to an endpoint.

    It is the same until the package is rejected or refused, or until one of `ends` is in its trail.
    """
    all_ = (*audit.ENDS, *ends)
    keys = [step.key for step in audit.trail(package.properties) if step.action in all_]
    mark = hashlib.sha256(f"{package.title} {keys[-1] if keys else ''}".encode()).hexdigest()[:8]
    return f"{endpoint[:43]}-v{package.version}-{mark}"


def as_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as SageMaker takes them."""
    return [{"Key": key, "Value": value[:LONGEST_TAG]} for key, value in tags.items()]


class Hosting:
    """The models and endpoints of an account."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def endpoint(self, name: str) -> dict[str, Any] | None:
        """Return what DescribeEndpoint says; None where there is none."""
        return self._described("describe_endpoint", EndpointName=name)

    def model(self, name: str) -> dict[str, Any] | None:
        """Return what DescribeModel says; None where there is none."""
        return self._described("describe_model", ModelName=name)

    def _described(self, operation: str, **request: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = getattr(self._sagemaker, operation)(**request)
        except ClientError as error:
            if "Could not find" not in error.response["Error"]["Message"]:
                raise
            return None
        return found

    def tags(self, arn: str) -> dict[str, str]:
        """Return a resource's tags."""
        pages = self._sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Write tags of a resource."""
        self._sagemaker.add_tags(ResourceArn=arn, Tags=as_tags(tags))

    def package_of(self, config: str) -> str:
        """Return the ARN of the package that a configuration of ours serves; "" for another's."""
        model = self.model(config) or {}
        containers = [model.get("PrimaryContainer", {}), *model.get("Containers", [])]
        named = [each["ModelPackageName"] for each in containers if "ModelPackageName" in each]
        return str(named[0]) if named else ""

    def serves(self, endpoint: str, config: str) -> bool:
        """Tell whether an endpoint is in service with a configuration."""
        now = self.endpoint(endpoint) or {}
        return (now.get("EndpointStatus"), now.get("EndpointConfigName")) == ("InService", config)

    def sent(self, now: Mapping[str, Any], tags: Mapping[str, str]) -> str:
        """Return the configuration that was sent last to an endpoint at rest; "" for another's endpoint.

        What has come into service goes before the tag, which is written after an update has begun.
        """
        if RELEASE not in tags:
            return ""
        failed = now["EndpointStatus"] != "InService" or "FailureReason" in now
        return tags[RELEASE] if failed else str(now["EndpointConfigName"])

    def make(self, place: Place, name: str, package: Package, approver: str) -> str:
        """Make the model and the configuration of a release, unless they exist; return who approved it.

        The approver is written with the model, so one who is named later does not take their place.
        """
        found = self.model(name)
        if found is None:
            of = {APPROVER: approver, PACKAGE: package.title}
            self._sagemaker.create_model(
                ModelName=name,
                Containers=[{"ModelPackageName": package.arn}],
                ExecutionRoleArn=place.role,
                VpcConfig={
                    "Subnets": list(place.subnets),
                    "SecurityGroupIds": list(place.security_groups),
                },
                EnableNetworkIsolation=True,
                Tags=as_tags({**place.tags, **{key: value for key, value in of.items() if value}}),
            )
        else:
            approver = self.tags(found["ModelArn"]).get(APPROVER, "")
        if self._described("describe_endpoint_config", EndpointConfigName=name) is None:
            self._sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[
                    {
                        "VariantName": VARIANT,
                        "ModelName": name,
                        "InstanceType": package.instance_type,
                        "InitialInstanceCount": max(package.instance_count, self._wanted(place)),
                        "InitialVariantWeight": 1.0,
                    }
                ],
                KmsKeyId=place.key,
                Tags=as_tags(place.tags),
            )
        return approver

    def _wanted(self, place: Place) -> int:
        """Return the instances that the endpoint has now; autoscaling may have made more of them."""
        now = self.endpoint(place.endpoint) or {}
        return max(
            (v.get("DesiredInstanceCount", 0) for v in now.get("ProductionVariants", ())), default=0
        )

    def send(self, place: Place, config: str, deployment: Mapping[str, Any] | None = None) -> bool:
        """Send a configuration to an endpoint, which is made where there is none.

        Returns False where it was sent before. Busy while the endpoint changes; of two who come at once
        SageMaker refuses the second. An endpoint that could not even be made is deleted: nothing else
        can be done with it.
        """
        now = self.endpoint(place.endpoint)
        if now is None:
            self._sagemaker.create_endpoint(
                EndpointName=place.endpoint,
                EndpointConfigName=config,
                Tags=as_tags({**place.tags, RELEASE: config}),
            )
            return True
        arn, serving = now["EndpointArn"], now["EndpointConfigName"]
        coming = now.get("PendingDeploymentSummary", {}).get("EndpointConfigName", serving)
        if coming == config and now["EndpointStatus"] != "Failed":
            time.sleep(MOMENT)
            self.tag(arn, {RELEASE: config})  # whoever sent it may have died before
            return False
        if now["EndpointStatus"] == "Failed":
            self._sagemaker.delete_endpoint(EndpointName=place.endpoint)
            raise Busy(f"{place.endpoint} has failed and is being deleted")
        if now["EndpointStatus"] != "InService":
            raise Busy(f"{place.endpoint} is {now['EndpointStatus']}")
        served = self.tags(arn).get(SERVED, "").split()
        before = [serving, *(each for each in served if each != serving)]
        self.tag(arn, {SERVED: fitting(before)})
        self._sagemaker.update_endpoint(
            EndpointName=place.endpoint,
            EndpointConfigName=config,
            **({"DeploymentConfig": dict(deployment)} if deployment else {}),
        )
        self.tag(arn, {RELEASE: config})
        return True


def fitting(names: Sequence[str]) -> str:
    """Return as many of the names, separated by blanks, as a tag's value takes."""
    value = ""
    for name in names:
        longer = f"{value} {name}".strip()
        if len(longer) > LONGEST_TAG:
            break
        value = longer
    return value
