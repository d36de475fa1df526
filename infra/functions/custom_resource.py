"""How a custom resource answers CloudFormation: always, also when it failed."""

import json
import logging
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)
REASON = 1000  # characters of a reason; an answer may have 4 096 bytes


@dataclass(frozen=True)
class Answer:
    """What a custom resource is, once it is as asked."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)


def answering(event: dict[str, Any], context: Any, change: Callable[[], Answer]) -> None:
    """Do the change and tell CloudFormation; an exception becomes the reason of the failure.

    A resource that CloudFormation gives up is deleted by the id that was answered, so a failure to
    create keeps the id that it knows, or says that nothing was made.
    """
    known = event.get("PhysicalResourceId", "nothing-was-made")
    body = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    if event["RequestType"] == "Delete" and known == "nothing-was-made":
        send(event["ResponseURL"], {**body, "Status": "SUCCESS", "PhysicalResourceId": known})
        return
    try:
        answer = change()
    except Exception as error:
        log.exception("%s %s failed", event["RequestType"], event["LogicalResourceId"])
        reason = f"{type(error).__name__}: {error}"[:REASON]
        reason += f" (log stream {getattr(context, 'log_stream_name', 'unknown')})"
        body |= {"Status": "FAILED", "Reason": reason, "PhysicalResourceId": known}
    else:
        body |= {
            "Status": "SUCCESS",
            "PhysicalResourceId": answer.physical_id,
            "Data": answer.attributes,
        }
    send(event["ResponseURL"], body)


def send(url: str, body: dict[str, Any]) -> None:
    """Put the answer where CloudFormation waits for it."""
    content = json.dumps(body).encode()
    # The signature of the address was made for a request without Content-Type.
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's
        url, content, {"Content-Type": "", "Content-Length": str(len(content))}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        log.info("answered %s", body["Status"])
