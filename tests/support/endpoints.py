"""Endpoints on a running cloud, served by real servers of the standard library."""

import sys
import time
from pathlib import Path
from typing import Any

from slipway.images import catalog

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/byo:1"
SERVER = Path(__file__).with_name("byo_server.py")
PYTHON = Path(sys.executable).resolve()


def add_image(home: Path, uri: str = IMAGE, **flags: bool) -> None:
    """Let the server of the tests stand for a container image."""
    entry = {
        "command": [str(PYTHON), "-S", str(SERVER)],
        "folder": str(SERVER.parent),
        "binds_port": True,
        **flags,
    }
    catalog.write(catalog.file_of(home), uri, entry)


def variant(model: str, name: str = "AllTraffic", count: int = 1, **more: Any) -> dict[str, Any]:
    """Return a production variant."""
    settings = {"VariantName": name, "ModelName": model, "InitialInstanceCount": count}
    return settings | {"InstanceType": "ml.m5.large"} | more


class Endpoints:
    """A client that makes endpoints and waits for them."""

    def __init__(self, cloud: Any) -> None:
        add_image(cloud.home)
        self.sm = cloud.client("sagemaker")

    def model(self, name: str, image: str = IMAGE, **environment: str) -> str:
        container = {"Image": image, "Environment": {"OBEY": "1"} | environment}
        self.sm.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
        return name

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        self.sm.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=list(variants), **more
        )
        return name

    def create(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        config = self.config(name, *variants, **more)
        self.sm.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return name

    def describe(self, name: str) -> dict[str, Any]:
        found = self.sm.describe_endpoint(EndpointName=name)
        del found["ResponseMetadata"]
        return found

    def settled(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Return the description once nothing is in progress any more."""
        end = time.monotonic() + seconds
        while True:
            found = self.describe(name)
            if found["EndpointStatus"] in ("InService", "Failed", "OutOfService"):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def gone(self, name: str, seconds: float = 60) -> str:
        """Return the refusal once an endpoint does not exist any more."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.describe(name)
            except self.sm.exceptions.ClientError as error:
                return str(error.response["Error"]["Message"])
            time.sleep(0.02)
        raise AssertionError(name)
