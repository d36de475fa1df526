"""One more instance of a variant: from what an endpoint was made of to a model server."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting.on_demand import idle_after
from slipway.cloud.sagemaker import containers
from slipway.cloud.service import ServiceError
from slipway.hosting.instance import Instance
from slipway.hosting.plan import plan
from slipway.jobs import probe
from slipway.jobs.settings import Settings


def folder(cloud: Cloud, region: str, endpoint: str) -> Path:
    """Return where an endpoint's logs and, while it runs, its instances' workspaces lie."""
    return cloud.home / "endpoints" / region / endpoint


def logs(cloud: Cloud, region: str, endpoint: str, settings: Mapping[str, Any]) -> Path:
    """Return where the logs of a variant's instances lie; inference components have their own groups."""
    component: str | None = settings.get("InferenceComponentName")
    if component:
        return cloud.home / "inference-components" / region / component / "logs"
    return folder(cloud, region, endpoint) / "logs"


def settings_of_the_machine() -> Settings:
    """Return what this machine lets an instance use; ServiceError names a setting that is wrong."""
    try:
        idle_after()
        return Settings.of(os.environ)
    except ValueError as error:
        raise ServiceError("ValidationException", str(error)) from error


def limits(settings: Mapping[str, Any]) -> Settings:
    """Return what an instance of a variant may use: of memory, no more than its settings allow."""
    machine = settings_of_the_machine()
    serverless = settings.get("ServerlessConfig", {}).get("MemorySizeInMB")
    required = settings.get("ComputeResourceRequirements", {}).get("MaxMemoryRequiredInMb")
    most = serverless or required
    return replace(machine, memory=min(machine.memory, most << 20)) if most else machine


def made(
    cloud: Cloud, region: str, endpoint: str, settings: Mapping[str, Any], model: Mapping[str, Any]
) -> Instance:
    """Return an instance of a variant that is not started yet.

    Args:
        settings: The variant as CreateEndpointConfig has it.
        model: Its model, resolved; see `cloud.sagemaker.hosted_models`.

    Raises:
        ServiceError: Nothing stands for one of the model's images.
    """
    host = f"i-{secrets.token_hex(9)[1:]}"
    given = containers.given_to_model(cloud, region, model)
    server = plan(model, settings, host, partial(containers.image, cloud), given)
    return Instance(
        server,
        folder(cloud, region, endpoint) / host,
        containers.objects_of_model(cloud, region, model),
        probe.find(cloud.home / "jobs"),
        limits(settings),
        logs(cloud, region, endpoint, settings) / settings["VariantName"] / f"{host}.log",
        cloud.endpoint,
    )
