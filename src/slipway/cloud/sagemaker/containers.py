"""What the containers of jobs and models are given: their image, their environment, their way to S3."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud import credentials
from slipway.cloud.authorization import objects, trust
from slipway.cloud.cloud import Cloud
from slipway.cloud.service import invalid
from slipway.images import build, catalog
from slipway.jobs.job import Image
from slipway.jobs.storage import ObjectStore

SESSION = "SageMaker"  # how SageMaker names its sessions of a job's or a model's role


def image(cloud: Cloud, uri: str) -> Image:
    """Return what stands for a container image; refuse an unknown one."""
    try:
        found = catalog.read(catalog.file_of(cloud.home)).find(uri)
    except catalog.UnknownImage as error:
        raise invalid(str(error)) from error
    if found.lock:
        build.begin(found.lock)
    elif not found.prefix.is_dir():
        raise invalid(
            f"{uri}: the environment of the image family {found.family!r} is not installed in "
            f"{found.prefix}; run `make setup`"
        )
    return found


def given(
    cloud: Cloud, region: str, role: str, isolated: bool, network: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return what AWS puts into a container's environment: its region, and how to reach AWS.

    Args:
        cloud: In which the container runs.
        region: Likewise.
        role: The ARN of the role as which it calls AWS.
        isolated: Whether it has no network, and so no credentials.
        network: Its VpcConfig; calls from a VPC go through the VPC's endpoints.

    Raises:
        ServiceError: The role does not let SageMaker act as it, where IAM is enforced.
    """
    trust.check(cloud, region, role)
    where = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if isolated:
        return where
    subnets = tuple((network or {}).get("Subnets", ()))
    own = credentials.for_role(cloud, region, role, SESSION, subnets=subnets)
    return where | {"AWS_ENDPOINT_URL": cloud.endpoint} | own.environment()


def given_to_model(cloud: Cloud, region: str, model: Mapping[str, Any]) -> dict[str, str]:
    """Return what a container of a model finds in its environment; a model without a role has no AWS."""
    where = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if "ExecutionRoleArn" not in model:
        return where
    isolated = model.get("EnableNetworkIsolation", False)
    return given(cloud, region, model["ExecutionRoleArn"], isolated, model.get("VpcConfig"))


def objects_of_model(cloud: Cloud, region: str, model: Mapping[str, Any]) -> ObjectStore:
    """Return the objects of S3 as far as a model's role may use them."""
    role, network = model.get("ExecutionRoleArn"), model.get("VpcConfig")
    return objects.of_role(cloud, region, role, SESSION, network) if role else cloud.objects
