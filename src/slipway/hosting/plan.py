"""From a model's document and a variant's settings to what an instance serves. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from slipway.hosting.container import Container, ModelData, Server
from slipway.jobs.job import Image

SERVERLESS_START = 180.0  # seconds that a serverless start may take
STARTUP = 480  # ContainerStartupHealthCheckTimeoutInSeconds
DOWNLOAD = 3600  # ModelDataDownloadTimeoutInSeconds
ORDERED = "container-{}"  # the name of a container without one


def plan(
    model: Mapping[str, Any],
    variant: Mapping[str, Any],
    host: str,
    image: Callable[[str], Image],
    given: Mapping[str, str],
    extras: Mapping[str, str] | None = None,
) -> Server:
    """Return what an instance of a variant serves.

    Args:
        model: As DescribeModel shows it, all containers in `Containers`, what they take from a
            package of the registry standing in them; `Primary` is true of a PrimaryContainer's.
        variant: As CreateEndpointConfig has it; for a transform job, its VariantName is enough.
        host: The instance's id.
        image: What stands for an image's URI; it may refuse.
        given: What AWS puts into every container's environment; the model's own variables win.
        extras: What stands above the model's own variables: those of a transform job.
    """
    containers = model["Containers"]
    names = [
        "primary" if model.get("Primary") else each.get("ContainerHostname") or ORDERED.format(n)
        for n, each in enumerate(containers, 1)
    ]
    start: float = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", STARTUP)
    return Server(
        host=host,
        variant=variant["VariantName"],
        containers=tuple(
            container(each, name, image(each["Image"]), given, extras or {})
            for each, name in zip(containers, names, strict=True)
        ),
        direct=model.get("InferenceExecutionConfig", {}).get("Mode") == "Direct",
        isolated=model.get("EnableNetworkIsolation", False),
        startup_timeout=SERVERLESS_START if "ServerlessConfig" in variant else start,
        download_timeout=variant.get("ModelDataDownloadTimeoutInSeconds", DOWNLOAD),
        disk=variant.get("VolumeSizeInGB", 0) << 30,
    )


def problem(server: Server) -> str:
    """Return why AWS could not serve from these images, in its words, or ""."""
    for each in server.containers:
        lacking = ""
        if each.models and not each.image.multi_model:
            lacking, said = "multi-models", "--multi-model"
        elif len(server.containers) > 1 and not each.image.binds_port:
            lacking, said = "accept-bind-to-port", "--accept-bind-to-port"
        if lacking:
            return (
                f"Your Ecr Image {each.uri} does not contain required "
                f"com.amazonaws.sagemaker.capabilities.{lacking}=true Docker label(s). Of an image of "
                f"your own, `slipway image add` says so with {said}."
            )
    return ""


def container(
    described: Mapping[str, Any],
    name: str,
    image: Image,
    given: Mapping[str, str],
    extras: Mapping[str, str],
) -> Container:
    """Return one container of a model."""
    several = described.get("Mode") == "MultiModel"
    multi = {"SAGEMAKER_MULTI_MODEL": "true"} if several else {}
    source = described.get("ModelDataSource", {}).get("S3DataSource", {})
    caching = described.get("MultiModelConfig", {}).get("ModelCacheSetting", "Enabled")
    return Container(
        name=name,
        image=image,
        uri=described["Image"],
        data=None if several else model_data(described),
        environment={**given, **multi, **described.get("Environment", {}), **extras},
        models=described.get("ModelDataUrl", source.get("S3Uri", "")) if several else "",
        keeps_models=caching == "Enabled",
        channels={
            each["ChannelName"]: unpacked(each["S3DataSource"])
            for each in described.get("AdditionalModelDataSources", ())
        },
    )


def model_data(described: Mapping[str, Any]) -> ModelData | None:
    """Return a container's artifacts, or None where it has none."""
    if url := described.get("ModelDataUrl"):
        return ModelData(url)
    source = described.get("ModelDataSource", {}).get("S3DataSource")
    return unpacked(source) if source else None


def unpacked(source: Mapping[str, Any]) -> ModelData:
    """Return the artifacts that an S3DataSource names."""
    prefix = source.get("S3DataType") == "S3Prefix"
    return ModelData(source["S3Uri"], prefix, source.get("CompressionType") == "Gzip")
