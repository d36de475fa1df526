"""What a CreateTrainingJob request means for the containers. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from slipway.jobs.job import Image, Input, Instance, Job, Metric, Upload
from slipway.jobs.workspace import ROOT

CONFIG = f"{ROOT}/input/config"
GROUP = "homogeneousCluster"
DAY = 86_400


def plan(request: Mapping[str, Any], image: Image, arn: str, given: Mapping[str, str]) -> Job:
    """Return the job of a request that was found valid; `given` is what AWS puts into the environment."""
    name = request["TrainingJobName"]
    algorithm = request["AlgorithmSpecification"]
    channels = request.get("InputDataConfig", [])
    hosts = host_names(request["ResourceConfig"].get("InstanceCount", 1))
    environment = {"TRAINING_JOB_NAME": name, "TRAINING_JOB_ARN": arn, **given}
    environment |= request.get("Environment", {})
    entrypoint, arguments = (
        tuple(algorithm.get(member, ())) for member in ("ContainerEntrypoint", "ContainerArguments")
    )
    command = (*(entrypoint or image.entrypoint), *arguments)
    inputs = [channel_input(channel) for channel in channels]
    inputs += [code for code in [submitted_code(request.get("HyperParameters", {}))] if code]
    checkpoints = request.get("CheckpointConfig")
    if checkpoints:
        path = checkpoints.get("LocalPath", f"{ROOT}/checkpoints")
        inputs.append(Input("checkpoints", folder(checkpoints["S3Uri"]), path, required=False))
    return Job(
        kind="TrainingJob",
        name=name,
        image=image,
        command=command if entrypoint or arguments else image.command("train"),
        instances=tuple(
            Instance(host, config_files(request, host, hosts), environment) for host in hosts
        ),
        folders=(
            *(f"{ROOT}/{name}" for name in ("model", "code", "input/data", "checkpoints")),
            f"{ROOT}/output/data",
            *(each.path for each in inputs),
        ),
        inputs=tuple(inputs),
        uploads=uploads(request),
        metrics=tuple(
            Metric(each["Name"], each["Regex"]) for each in algorithm.get("MetricDefinitions", [])
        ),
        max_runtime=request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DAY),
        isolated=request.get("EnableNetworkIsolation", False),
    )


def channel_input(channel: Mapping[str, Any]) -> Input:
    """Return the input of a channel; File and FastFile give the job the same files."""
    source = channel["DataSource"]["S3DataSource"]
    return Input(
        channel["ChannelName"],
        source["S3Uri"],
        f"{ROOT}/input/data/{channel['ChannelName']}",
        manifest=source["S3DataType"] == "ManifestFile",
        sharded=source.get("S3DataDistributionType") == "ShardedByS3Key",
        gunzip=channel.get("CompressionType") == "Gzip",
    )


def submitted_code(hyperparameters: Mapping[str, str]) -> Input | None:
    """Return the archive that script mode's toolkit fetches before it starts the script."""
    uri = hyperparameters.get("sagemaker_submit_directory", "").strip('"')
    if not uri.startswith("s3://"):
        return None
    return Input("sagemaker_submit_directory", uri, f"{ROOT}/code")


def config_files(request: Mapping[str, Any], host: str, hosts: list[str]) -> dict[str, str]:
    """Return the three files in /opt/ml/input/config."""
    resources = request["ResourceConfig"]
    kind = resources.get("InstanceType", "")
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    group = {"instance_group_name": GROUP, "instance_type": kind, "hosts": hosts}
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", mode),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        | ({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {})
        for channel in request.get("InputDataConfig", [])
    }
    resource = {
        "current_host": host,
        "current_instance_type": kind,
        "current_group_name": GROUP,
        "hosts": hosts,
        "instance_groups": [group],
        "network_interface_name": "lo",
    }
    return {
        f"{CONFIG}/hyperparameters.json": json.dumps(request.get("HyperParameters", {})),
        f"{CONFIG}/inputdataconfig.json": json.dumps(channels),
        f"{CONFIG}/resourceconfig.json": json.dumps(resource),
    }


def uploads(request: Mapping[str, Any]) -> tuple[Upload, ...]:
    """Return the model, the other output, and what is uploaded while the job runs."""
    base = output_prefix(request)
    packed = packs(request)
    model = artifacts_uri(request)
    data = f"{base}/output.tar.gz" if packed else f"{base}/data"
    found = [
        Upload(f"{ROOT}/model", model, archive=packed),
        Upload(f"{ROOT}/output/data", data, archive=packed, optional=True),
    ]
    if checkpoints := request.get("CheckpointConfig"):
        path = checkpoints.get("LocalPath", f"{ROOT}/checkpoints")
        found.append(Upload(path, folder(checkpoints["S3Uri"]), continuous=True))
    if board := request.get("TensorBoardOutputConfig"):
        path = board.get("LocalPath", f"{ROOT}/output/tensorboard")
        uri = f"{board['S3OutputPath'].rstrip('/')}/{request['TrainingJobName']}"
        found.append(Upload(path, f"{uri}/tensorboard-output", continuous=True))
    return tuple(found)


def artifacts_uri(request: Mapping[str, Any]) -> str:
    """Return where the model goes: one archive, or a prefix of files."""
    return f"{output_prefix(request)}/model{'.tar.gz' if packs(request) else '/'}"


def output_prefix(request: Mapping[str, Any]) -> str:
    """Return `<S3OutputPath>/<job name>/output`."""
    base = request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{base}/{request['TrainingJobName']}/output"


def packs(request: Mapping[str, Any]) -> bool:
    """Return whether outputs are packed."""
    return bool(request["OutputDataConfig"].get("CompressionType", "GZIP") == "GZIP")


def folder(uri: str) -> str:
    """Return a URI that ends in a slash, so that it means what lies below it."""
    return uri.rstrip("/") + "/"


def host_names(count: int) -> list[str]:
    """Return algo-1 to algo-n."""
    return [f"algo-{number}" for number in range(1, count + 1)]
