"""Where custom resources and wait conditions answer: addresses that are known to who was told.

On AWS they are presigned requests to buckets of CloudFormation's. Here they look alike, and what is put
there goes into the cloud's state.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation.resource import Asked, Failed, Made
from slipway.cloud.hosting import background
from slipway.cloud.wire import Limited, Request, Response

PREFIX = "/cloudformation-custom-resource-response-"
KIND = "cloudformation-signal"
LARGEST = 4096  # bytes of an answer, as on AWS
GLANCE = 0.5  # seconds until somebody who waits looks whether the cloud ends
_came = threading.Condition()


def address(cloud: Cloud, region: str, stack_id: str, what: str) -> str:
    """Return the address at which something is answered: the same whenever it is asked for."""
    kept = cloud.state.documents("", KIND)
    with cloud.state.transaction():
        name = f"{region}/{stack_id.rpartition('/')[2]}/{what}"
        kept.create(name, {"secret": secrets.token_urlsafe(24), "signals": [], "sent": False})
        found = kept.get(name)
    assert found  # noqa: S101 (it was created)
    bucket = f"{PREFIX}{region.replace('-', '')}"
    return f"{cloud.endpoint}{bucket}/{name}?X-Amz-Signature={found['secret']}"


def name_of(url: str) -> str:
    """Return the name of what an address is for. Pure."""
    return url.partition(PREFIX)[2].partition("/")[2].partition("?")[0]


def once(cloud: Cloud, url: str, send: Callable[[], Any]) -> None:
    """Send a request that is answered at an address, unless that was done."""
    kept, name = cloud.state.documents("", KIND), name_of(url)
    if not (kept.get(name) or {}).get("sent"):
        send()
        with cloud.state.transaction():
            if found := kept.get(name):
                kept.replace(name, found | {"sent": True})


def wait(
    asked: Asked, url: str, enough: Callable[[list[Any]], bool], timeout: int, made: Made
) -> list[Any]:
    """Return what was put at an address, as soon as it is enough or so many seconds have passed.

    Raises:
        Failed: The operation is given up.
    """
    kept, name = asked.cloud.state.documents("", KIND), name_of(url)
    until = time.time() + timeout
    while True:
        found: list[Any] = (kept.get(name) or {}).get("signals", [])
        left = until - time.time()
        if enough(found) or left <= 0:
            return found
        if asked.cancelled():
            raise Failed("Resource creation cancelled", made)
        background.unless_ending(asked.cloud)
        with _came:
            _came.wait(min(left, GLANCE))


def forget(cloud: Cloud, region: str, stack_id: str) -> None:
    """Take back the addresses of a stack."""
    kept = cloud.state.documents("", KIND)
    for name, _ in kept.all():
        if name.startswith(f"{region}/{stack_id.rpartition('/')[2]}/"):
            kept.delete(name)


def answer(cloud: Cloud, request: Request) -> Response:
    """Store what is put at an address: 403 for one that nobody was told."""
    kept, name = cloud.state.documents("", KIND), name_of(request.path)
    body = Limited(request.body, LARGEST).read()
    secret = request.query.partition("X-Amz-Signature=")[2].partition("&")[0]
    with cloud.state.transaction():
        found = kept.get(name)
        if (
            request.method != "PUT"
            or not found
            or not secrets.compare_digest(found["secret"], secret)
        ):
            return Response(403, (("Content-Length", "0"),), ())
        kept.replace(name, found | {"signals": [*found["signals"], read(body)]})
    with _came:
        _came.notify_all()
    return Response(200, (("Content-Length", "0"), ("ETag", '""')), ())


def read(body: bytes) -> Any:
    """Return an answer; one that is no JSON object is one without a status."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"Reason": "the answer is no JSON object"}
