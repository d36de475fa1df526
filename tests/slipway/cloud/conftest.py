"""A cloud in the test's own process, reached without a socket; and one as users have it, a process of its own."""

import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from slipway.cloud import inside
from slipway.cloud.application import Application
from slipway.cloud.cloud import Cloud
from slipway.cloud.serving import assemble


class Raw(io.BytesIO):
    """A body as botocore expects it of urllib3."""

    def stream(self, **_: object):
        yield self.read()


SESSION = boto3.Session("test", "test")  # it keeps the service models, which are slow to read


@dataclass
class Local:
    """A cloud and what answers for it."""

    cloud: Cloud
    application: Application

    def client(self, service: str, region: str = "us-east-1", **config: Any) -> Any:
        client = SESSION.client(
            service,
            region,
            endpoint_url=self.cloud.endpoint,
            config=Config(retries={"max_attempts": 0}, **config),
        )
        client.meta.events.register("before-send", self.send)
        return client

    def send(self, request: Any, **_: object) -> AWSResponse:
        """Answer a prepared botocore request."""
        answered = self.application(inside.read(request))
        raw = Raw(b"".join(answered.body))
        return AWSResponse(
            request.url, answered.status, HTTPHeaders.from_pairs(answered.headers), raw
        )


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cloud that the tests of a file share: the ground takes a while to begin with."""
    cloud = assemble(tmp_path_factory.mktemp("shared"), "http://localhost:4599")
    yield Local(cloud, Application(cloud))
    cloud.state.close()


@pytest.fixture
def local(tmp_path):
    cloud = assemble(tmp_path, "http://localhost:4599")
    yield Local(cloud, Application(cloud))
    cloud.state.close()


class CloudProcess:
    """A cloud on a folder; it can be killed and started again."""

    def __init__(self, home: Path, port: int = 0) -> None:
        self.home, self.port = home, port
        self.start()

    def start(self) -> None:
        file = self.home / "endpoint"
        file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "slipway.cloud.process", str(self.home), str(self.port)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        while not file.exists():
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)
        self.endpoint = file.read_text()
        self.port = int(self.endpoint.rpartition(":")[2])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=30)
        self.process.stderr.close()
        return status

    def client(self, service: str, region: str = "us-east-1", **config):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, **config),
        )

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    """One cloud for all tests that do no harm to it."""
    running = CloudProcess(tmp_path_factory.mktemp("cloud"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def files_cloud(tmp_path_factory):
    """A cloud of one file's own, to kill, and to move its clock."""
    running = CloudProcess(tmp_path_factory.mktemp("files") / "home")
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def own_cloud(tmp_path):
    """A cloud of the test's own, to kill and to start again."""
    running = CloudProcess(tmp_path / "home")
    yield running
    if running.process.poll() is None:
        running.stop()
