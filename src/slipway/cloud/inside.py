"""boto3 clients of the ground, in the cloud's own process: no socket, no router."""

import io
import logging
import threading
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from slipway.cloud.ground import Ground
from slipway.cloud.json_protocol import LOADER
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.wire import Request

log = logging.getLogger(__name__)

CREATING = threading.Lock()  # botocore's sessions are not for several threads at once


def client(ground: Ground, service: str, region: str, access_key: str = "slipway") -> Any:
    """Return a boto3 client that only the ground answers, however Slipway owns the operation.

    `access_key` says who asks, where the ground should know it.
    """
    with CREATING:
        return kept(ground, service, region, access_key or "slipway")


def pass_on(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let the ground answer an operation that Slipway owns only for some resources.

    Raises:
        ServiceError: The ground's own refusal.
    """
    try:
        method = client(call.cloud.ground, call.service, call.region)._make_api_call
        answer: dict[str, Any] = method(call.operation, request)
    except ClientError as error:
        found, status = error.response["Error"], error.response["ResponseMetadata"]
        raise ServiceError(
            found["Code"], found.get("Message", ""), status["HTTPStatusCode"]
        ) from error
    del answer["ResponseMetadata"]
    return answer


@lru_cache(maxsize=64)
def kept(ground: Ground, service: str, region: str, access_key: str) -> Any:
    """Make a client, once."""
    made = session().create_client(
        service,
        region,
        endpoint_url="http://localhost",
        aws_access_key_id=access_key,
        aws_secret_access_key="slipway",  # noqa: S106  (nothing checks it)
        config=Config(retries={"max_attempts": 0}, parameter_validation=False),
    )

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        try:
            response = ground.answer(read(request))
        except Exception:
            log.exception("the ground failed on %s", request.headers.get("X-Amz-Target", service))
            return AWSResponse(request.url, 500, {}, Body(b"{}"))
        body = Body(b"".join(response.body))
        return AWSResponse(request.url, response.status, dict(response.headers), body)

    made.meta.events.register("before-send", send)
    return made


@cache
def session() -> botocore.session.Session:
    """Return the session that knows no profile, credentials or settings of the user's."""
    own = botocore.session.Session()
    own.set_config_variable("config_file", "/dev/null")
    own.set_config_variable("credentials_file", "/dev/null")
    own.register_component("data_loader", LOADER)
    return own


class Body(io.BytesIO):
    """A response's body as botocore reads it."""

    def stream(self, **_: object) -> Any:
        """Yield all of it."""
        yield self.read()


def read(prepared: AWSPreparedRequest) -> Request:
    """Return the request that botocore is about to send."""
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.encode() if isinstance(body, str) else body
    stream = io.BytesIO(body) if isinstance(body, bytes | bytearray) else body
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value
        for name, value in prepared.headers.items()
    }
    headers.setdefault("host", url.netloc)
    return Request(prepared.method, url.path or "/", url.query, headers, stream)
