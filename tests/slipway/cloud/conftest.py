"""A cloud in the test's own process, and boto3 clients that reach it without a socket."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from slipway.cloud.application import Application
from slipway.cloud.cloud import Cloud
from slipway.cloud.ground import Ground
from slipway.cloud.state import State


class Raw(io.BytesIO):
    """A body as botocore expects it of urllib3."""

    def stream(self, **_: object):
        yield self.read()


@dataclass
class Local:
    """A cloud and what answers for it."""

    cloud: Cloud
    application: Application

    def client(self, service: str, region: str = "us-east-1", **config: Any) -> Any:
        session = boto3.Session("test", "test", region_name=region)
        client = session.client(
            service,
            endpoint_url=self.cloud.endpoint,
            config=Config(retries={"max_attempts": 0}, **config),
        )
        client.meta.events.register("before-send", self.send)
        return client

    def send(self, request: Any, **_: object) -> AWSResponse:
        """Answer a prepared botocore request."""
        url = urlsplit(request.url)
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        headers = {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in request.headers.items()
        }
        environ = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": url.path or "/",
            "REQUEST_URI": url.path or "/",
            "QUERY_STRING": url.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(url.port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            "HTTP_HOST": url.netloc,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
        }
        answered: dict[str, Any] = {}

        def start(status: str, answer: list[tuple[str, str]], *_: object) -> None:
            answered.update(status=int(status.split()[0]), headers=dict(answer))

        raw = Raw(b"".join(self.application(environ, start)))
        return AWSResponse(request.url, answered["status"], answered["headers"], raw)


@pytest.fixture
def local(tmp_path):
    state = State(tmp_path / "state.sqlite")
    cloud = Cloud(
        tmp_path, "123456789012", "us-east-1", "http://localhost:4599", state, None, Ground()
    )
    yield Local(cloud, Application(cloud))
    state.close()
