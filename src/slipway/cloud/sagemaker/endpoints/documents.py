"""Endpoints as they are kept, and as DescribeEndpoint and the events show them. Pure.

A document is what DescribeEndpoint answers, with times as ISO strings, and beside it, hidden, what
the endpoint was made of: its configuration and its models, which may be deleted meanwhile.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from slipway.cloud.sagemaker.listing import moment
from slipway.jobs.job import Image

Document = dict[str, Any]
Summary = dict[str, Any]  # of a variant

# Hidden members: the endpoint configuration; its models by name; an update, while it goes on
HIDDEN = ("Config", "Models", "Update")
TIMES = ("CreationTime", "LastModifiedTime", "StartTime", "ResolutionTime")
IN_PROGRESS = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
LISTED = ("EndpointName", "EndpointArn", "EndpointStatus", "CreationTime", "LastModifiedTime")
# What an endpoint takes over from its configuration as it is
FROM_CONFIG = ("EndpointConfigName", "AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig")
VARIANTS = ("ProductionVariants", "ShadowProductionVariants")
LONGEST = 1024  # characters of a FailureReason


def new(
    name: str,
    arn: str,
    config: Mapping[str, Any],
    models: Mapping[str, Any],
    now: str,
    deployment: Mapping[str, Any] | None = None,
) -> Document:
    """Return the document of an endpoint that begins to be created. `now` is an ISO time."""
    document: Document = {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointStatus": "Creating",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    if deployment:
        document["LastDeploymentConfig"] = dict(deployment)
    document |= of_config(config, models, now)
    for variant in variants(document):
        launched(variant, now)
    document["PendingDeploymentSummary"] = pending(config, models, now)
    return document


def of_config(config: Mapping[str, Any], models: Mapping[str, Any], now: str) -> Document:
    """Return the members that an endpoint takes from its configuration; no instance runs yet."""
    members: Document = {"Config": dict(config), "Models": dict(models)}
    members |= {member: config[member] for member in FROM_CONFIG if member in config}
    for member in VARIANTS:
        if member in config:
            members[member] = [summary(settings, models, now) for settings in config[member]]
    if "DataCaptureConfig" in config:
        members["DataCaptureConfig"] = capture(config["DataCaptureConfig"])
    return members


def adopt(
    document: Document, config: Mapping[str, Any], models: Mapping[str, Any], now: str
) -> None:
    """Put a new configuration in the place of the old one, as an update does when it has succeeded.

    Its variants stand there with nothing running: `settle` says that they run, after the caller has
    changed the desired counts and weights that the update retains.
    """
    for member in (*FROM_CONFIG, *VARIANTS, "DataCaptureConfig", "Config", "Models"):
        document.pop(member, None)
    document |= of_config(config, models, now)


def summary(settings: Mapping[str, Any], models: Mapping[str, Any], now: str) -> Summary:
    """Return the summary of a variant of which nothing runs yet."""
    variant: Summary = {
        "VariantName": settings["VariantName"],
        "CurrentWeight": 0.0,
        "DesiredWeight": settings.get("InitialVariantWeight", 1.0),
        "CurrentInstanceCount": 0,
        "DesiredInstanceCount": settings.get("InitialInstanceCount", 0),
    }
    if model := models.get(settings.get("ModelName", "")):
        variant["DeployedImages"] = images(model, now)
    if "ServerlessConfig" in settings:
        variant["DesiredServerlessConfig"] = dict(settings["ServerlessConfig"])
    for member in ("ManagedInstanceScaling", "RoutingConfig"):
        if member in settings:
            variant[member] = settings[member]
    return variant


def images(model: Mapping[str, Any], now: str) -> list[dict[str, Any]]:
    """Return the images of a model's containers as an endpoint shows them.

    A resolved model has `ResolvedImage` in its containers; one that is not known has none.
    """
    return [
        {
            "SpecifiedImage": container["Image"],
            "ResolvedImage": container.get("ResolvedImage"),
            "ResolutionTime": now,
        }
        for container in model["Containers"]
    ]


def digest(uri: str, image: Image) -> str:
    """Return an image's URI with a digest, of what stands for the image on this machine."""
    parts = (image.family, image.prefix.name, *map(str, image.commands), *image.only)
    parts += (*image.entrypoint, str(image.folder))
    name = uri.rpartition("@")[0] or uri.rpartition("/")[0] + "/" + repository(uri)
    return f"{name.lstrip('/')}@sha256:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"


def repository(uri: str) -> str:
    """Return the last part of an image's URI, without its tag."""
    return uri.rpartition("/")[2].partition(":")[0]


def capture(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of a data capture configuration."""
    enabled = config.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def pending(config: Mapping[str, Any], models: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Return the PendingDeploymentSummary of a configuration that begins to be deployed."""
    found: dict[str, Any] = {"EndpointConfigName": config["EndpointConfigName"], "StartTime": now}
    for member in VARIANTS:
        if member in config:
            found[member] = []
            for settings in config[member]:
                variant = summary(settings, models, now)
                if "InstanceType" in settings:
                    variant["InstanceType"] = settings["InstanceType"]
                launched(variant, now)
                found[member].append(variant)
    return found


def launched(variant: Summary, now: str) -> None:
    """Write that a variant's desired instances begin to start."""
    say(variant, "Creating", f"Launching {variant['DesiredInstanceCount']} instance(s).", now)


def say(variant: Summary, status: str, message: str, now: str) -> None:
    """Write what is being done to a variant: its VariantStatus."""
    variant["VariantStatus"] = [{"Status": status, "StatusMessage": message, "StartTime": now}]


def settle(document: Document, now: str, reason: str = "") -> None:
    """Write that an endpoint serves, with every variant as it is desired.

    `reason` is why the last update failed, if it did: the endpoint is InService nevertheless.
    """
    for variant in variants(document):
        variant["CurrentWeight"] = variant["DesiredWeight"]
        variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
        if "DesiredServerlessConfig" in variant:
            variant["CurrentServerlessConfig"] = variant.pop("DesiredServerlessConfig")
        variant.pop("VariantStatus", None)
    conclude(document, "InService", now, reason)


def undo(document: Document, now: str, reason: str) -> None:
    """Write that an endpoint serves as it did before an update of counts and weights that failed."""
    for variant in variants(document):
        variant["DesiredWeight"] = variant["CurrentWeight"]
        variant["DesiredInstanceCount"] = variant["CurrentInstanceCount"]
        variant.pop("DesiredServerlessConfig", None)
        variant.pop("VariantStatus", None)
    conclude(document, "InService", now, reason)


def conclude(document: Document, status: str, now: str, reason: str = "") -> None:
    """Write how something that was in progress has ended."""
    document.pop("PendingDeploymentSummary", None)
    document.pop("Update", None)
    enter(document, status, now)
    if reason:
        document["FailureReason"] = reason[:LONGEST]


def enter(document: Document, status: str, now: str) -> None:
    """Write that an endpoint has another status; what failed before is over."""
    document.pop("FailureReason", None)
    document["EndpointStatus"] = status
    document["LastModifiedTime"] = now


def variants(document: Mapping[str, Any]) -> list[Summary]:
    """Return the summaries of a document's variants, the shadows last."""
    return [variant for member in VARIANTS for variant in document.get(member, [])]


def settings_of(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the variants of a configuration, the shadows last."""
    return [settings for member in VARIANTS for settings in config.get(member, [])]


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DescribeEndpoint answers."""
    visible = {name: value for name, value in document.items() if name not in HIDDEN}
    found: dict[str, Any] = timed(visible)
    return found


def listed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ListEndpoints shows."""
    found: dict[str, Any] = timed({member: document[member] for member in LISTED})
    return found


def timed(value: Any) -> Any:
    """Return a document with its times as datetimes, and without members that are None."""
    if isinstance(value, Mapping):
        return {
            name: moment(inner) if name in TIMES else timed(inner)
            for name, inner in value.items()
            if inner is not None
        }
    return [timed(inner) for inner in value] if isinstance(value, list) else value


def find(summaries: Iterable[Summary], name: str) -> Summary | None:
    """Return the summary of a variant."""
    return next((variant for variant in summaries if variant["VariantName"] == name), None)
