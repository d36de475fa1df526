"""Data capture: what endpoints are asked and answer goes to S3, and no caller waits for it.

A request costs a place in a queue. A thread writes its line below the state folder within some tenths of
a second, and the file becomes an object of S3 some seconds later. What cannot be kept (no room on the
disk, no bucket, too much that waits) is dropped and counted in the log; no request fails for it.
"""

import logging
import random
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting.capture_spool import drop, mend, send
from slipway.cloud.hosting.capture_writer import Offered, Writer
from slipway.cloud.hosting.captured import Exchange
from slipway.hosting.exchange import Invocation, Reply
from slipway.jobs.storage import NoSuchBucket

log = logging.getLogger(__name__)

_writers: dict[Path, Writer] = {}  # by the cloud's folder
_lock = threading.Lock()


class Endpoint(Protocol):
    """What capturing has to know of an endpoint that runs."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def config(self) -> Mapping[str, Any]:
        """The endpoint configuration that it runs."""


def offer(
    cloud: Cloud,
    live: Endpoint,
    variant_name: str,
    invocation: Invocation,
    reply: Reply,
    inference_id: str,
    custom_attributes: str,
) -> None:
    """Capture a request if its answer is a 2xx, the endpoint asks for it, and chance has it.

    Returns at once. `inference_id` and `custom_attributes` are "" where the caller sent none.
    """
    config = live.config.get("DataCaptureConfig")
    if not config or not config.get("EnableCapture", True) or not 200 <= reply.status < 300:
        return
    if random.random() * 100 >= config["InitialSamplingPercentage"]:  # noqa: S311  (a sample)
        return
    exchange = Exchange(time.time(), invocation, reply, inference_id, custom_attributes)
    writer = _writers.get(cloud.home) or begin(cloud)
    writer.put(Offered(live.name, variant_name, config, exchange))


def begin(cloud: Cloud) -> Writer:
    """Return the cloud's writer, a new one where there is none."""
    with _lock:
        if cloud.home not in _writers:
            _writers[cloud.home] = Writer(folder(cloud), cloud.objects)
        return _writers[cloud.home]


def folder(cloud: Cloud) -> Path:
    """Return where lines lie until they are in S3."""
    return cloud.home / "capture"


def flush(cloud: Cloud, endpoint: str) -> None:
    """Have in S3 what an endpoint captured so far; call it when the endpoint goes."""
    with _lock:
        writer = _writers.get(cloud.home)
    if writer:
        writer.flush(endpoint)


def take_up(cloud: Cloud) -> None:
    """Put into S3 what the last cloud on this folder had captured when it was killed."""
    for path in folder(cloud).glob("*.jsonl"):
        try:
            mend(path)
            log.info("captured before the last cloud ended: %s", send(path, cloud.objects))
        except NoSuchBucket as error:
            log.error("captured lines are lost: there is no bucket %s", error)
            drop(path)
        except OSError as error:
            log.error("captured lines stay in %s until the next start: %s", path, error)


def stop(cloud: Cloud) -> None:
    """Have in S3 all that was captured; call it when no endpoint answers any more."""
    with _lock:
        writer = _writers.pop(cloud.home, None)
    if writer:
        writer.flush(last=True)
