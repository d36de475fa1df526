"""One more instance of a variant: from what the endpoint was made of to a model server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from slipway.cloud.cloud import Cloud
from slipway.cloud.service import ServiceError
from slipway.hosting.exchange import Invocation, Reply, Stream


class Instance(Protocol):
    """The model servers of one instance, as `slipway.hosting.instance` has them."""

    failure: str
    ready: bool
    outstanding: int

    def start(self) -> None:
        """Begin to start; return at once."""

    def wait(self, timeout: float | None = None) -> str:
        """Return "Starting", "InService", "Failed" or "Stopped"; wait while it is "Starting"."""

    def invoke(self, invocation: Invocation, timeout: float = 60.0) -> Reply:
        """Ask the model."""

    def stream(self, invocation: Invocation, timeout: float) -> Stream:
        """Ask the model for an answer in parts."""

    def stop(self, grace: float = 30.0) -> None:
        """End it, after the requests that are in it."""


def folder(cloud: Cloud, region: str, endpoint: str) -> Path:
    """Return where an endpoint's logs and, while it runs, its instances' workspaces lie."""
    return cloud.home / "endpoints" / region / endpoint


def made(
    cloud: Cloud, region: str, endpoint: str, settings: Mapping[str, Any], model: Mapping[str, Any]
) -> Instance:
    """Return an instance of a variant that is not started yet."""
    raise ServiceError("ValidationException", "The local cloud has no model servers yet.")
