"""Endpoints in the cloud's state: found by name, changed one at a time, with their events."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.endpoints import documents, events
from slipway.cloud.sagemaker.endpoints.documents import Document
from slipway.cloud.service import Call, invalid
from slipway.cloud.state import Documents

KIND = "Endpoint"


def endpoints(call: Call) -> Documents:
    """Return the documents of endpoints, by name in lower case."""
    return call.cloud.state.documents(call.region, KIND)


def found(call: Call, name: str) -> Document:
    """Return an endpoint's document; ServiceError when there is none."""
    document = endpoints(call).get(name.lower())
    if document is None:
        raise invalid(f'Could not find endpoint "{arn(call, "endpoint", name)}".')
    return document


def change(call: Call, name: str, do: Callable[[Document, str], None]) -> Document:
    """Change an endpoint's document by `do`, which also gets the time; publish another status.

    Raises:
        ServiceError: There is no such endpoint, or `do` refuses; nothing is changed then.
    """
    with call.cloud.state.transaction():
        document = found(call, name)
        before = document["EndpointStatus"]
        do(document, now())
        endpoints(call).replace(name.lower(), document)
        if document["EndpointStatus"] != before:  # in the order in which it changes
            events.published(call, document)
    return document


def begin(call: Call, name: str, do: Callable[[Document, str], None]) -> Document:
    """Begin an update: an endpoint that serves is Updating from now on, after `do` has prepared it.

    Raises:
        ServiceError: Something is in progress already, or the endpoint has failed.
    """

    def updating(document: Document, time: str) -> None:
        refuse_in_progress(document)
        if document["EndpointStatus"] == "Failed":
            raise invalid(
                f'Cannot update endpoint "{document["EndpointArn"]}": its creation has Failed, so it '
                "can only be deleted."
            )
        do(document, time)
        documents.enter(document, "Updating", time)

    return change(call, name, updating)


def refuse_in_progress(document: Document) -> None:
    """Refuse to touch an endpoint to which something is being done."""
    if document["EndpointStatus"] in documents.IN_PROGRESS:
        raise invalid(f'Cannot update in-progress endpoint "{document["EndpointArn"]}".')


def own_call(cloud: Cloud, region: str) -> Call:
    """Return the call that the cloud makes itself, to take up what was left unfinished."""
    return Call(cloud, "sagemaker", "", region, "")


def now() -> str:
    """Return the time as documents keep it."""
    return datetime.now(UTC).isoformat()


def regions(cloud: Cloud) -> list[str]:
    """Return the regions that have endpoints."""
    return cloud.state.regions(KIND)


def all_of(call: Call) -> list[dict[str, Any]]:
    """Return the documents of all endpoints of a region."""
    return [document for _, document in endpoints(call).all()]
