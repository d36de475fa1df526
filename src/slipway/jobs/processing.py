"""What a CreateProcessingJob request means for the containers. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from slipway.jobs.job import Image, Input, Instance, Job, Upload
from slipway.jobs.training import DAY, host_names
from slipway.jobs.workspace import ROOT

CONFIG = f"{ROOT}/config"


def plan(request: Mapping[str, Any], image: Image, arn: str, given: Mapping[str, str]) -> Job:
    """Return the job of a request that was found valid; `given` is what AWS puts into the environment."""
    name = request["ProcessingJobName"]
    application = request["AppSpecification"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    hosts = host_names(cluster.get("InstanceCount", 1))
    environment = {"PROCESSING_JOB_NAME": name, "PROCESSING_JOB_ARN": arn, **given}
    environment |= request.get("Environment", {})
    sources = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    inputs = tuple(input_of(each) for each in sources if is_ours(each, "S3Input"))
    uploads = tuple(upload_of(each) for each in outputs if is_ours(each, "S3Output"))
    return Job(
        kind="ProcessingJob",
        name=name,
        image=image,
        command=(
            *(application.get("ContainerEntrypoint") or image.entrypoint),
            *application.get("ContainerArguments", ()),
        ),
        instances=tuple(
            Instance(host, config_files(request, arn, host, hosts), environment) for host in hosts
        ),
        folders=(
            f"{ROOT}/processing",
            f"{ROOT}/output",
            *(each.path for each in inputs),
            *(each.path for each in uploads),
        ),
        inputs=inputs,
        uploads=uploads,
        max_runtime=request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DAY),
        isolated=request.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
    )


def is_ours(each: Mapping[str, Any], member: str) -> bool:
    """Return whether the platform moves the data; the container does what is AppManaged."""
    return member in each and not each.get("AppManaged")


def input_of(each: Mapping[str, Any]) -> Input:
    """Return one input."""
    source = each["S3Input"]
    return Input(
        each["InputName"],
        source["S3Uri"],
        source["LocalPath"],
        manifest=source["S3DataType"] == "ManifestFile",
        sharded=source.get("S3DataDistributionType") == "ShardedByS3Key",
        gunzip=source.get("S3CompressionType") == "Gzip",
    )


def upload_of(each: Mapping[str, Any]) -> Upload:
    """Return one output."""
    target = each["S3Output"]
    continuous = target["S3UploadMode"] == "Continuous"
    return Upload(target["LocalPath"], target["S3Uri"], continuous=continuous)


def config_files(
    request: Mapping[str, Any], arn: str, host: str, hosts: list[str]
) -> dict[str, str]:
    """Return the two files in /opt/ml/config."""
    cluster = request["ProcessingResources"]["ClusterConfig"]
    resource = {
        "current_host": host,
        "current_instance_type": cluster.get("InstanceType", ""),
        "hosts": hosts,
        "network_interface_name": "lo",
    }
    config = {"ProcessingJobArn": arn, **request}
    config.pop("Tags", None)
    return {
        f"{CONFIG}/processingjobconfig.json": json.dumps(config),
        f"{CONFIG}/resourceconfig.json": json.dumps(resource),
    }
