"""Batches of EventBridge events from a queue: each is worked on alone, and only what failed comes again."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from infra.functions.hosting import Busy

log = logging.getLogger(__name__)


def each_event(batch: Mapping[str, Any], work: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Work on each event of a batch; return the messages to be delivered again."""
    failed = []
    for record in batch["Records"]:
        try:
            work(json.loads(record["body"]))
        except Busy as busy:
            log.info("%s; again later", busy)
            failed.append(record["messageId"])
        except Exception:
            log.exception("message %s is to be delivered again", record["messageId"])
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
