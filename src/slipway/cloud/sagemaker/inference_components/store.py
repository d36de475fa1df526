"""Inference components in the cloud's state, and the room that an endpoint has for them."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from slipway.cloud.hosting import background
from slipway.cloud.hosting.instance_types import room
from slipway.cloud.hosting.placement import TooLarge, needed
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.endpoints import store as endpoints
from slipway.cloud.sagemaker.endpoints.store import now
from slipway.cloud.sagemaker.inference_components import documents
from slipway.cloud.sagemaker.inference_components.documents import Document
from slipway.cloud.service import Call, invalid
from slipway.cloud.state import Documents

KIND = "InferenceComponent"

_placing = threading.Lock()


def components(call: Call) -> Documents:
    """Return the documents of components, by name in lower case."""
    return call.cloud.state.documents(call.region, KIND)


def all_of(call: Call) -> list[Document]:
    """Return the documents of all components of a region, oldest first."""
    return [document for _, document in components(call).all()]


def of_endpoint(call: Call, name: str) -> list[Document]:
    """Return the components of an endpoint, oldest first."""
    key = name.lower()
    return [document for document in all_of(call) if document["EndpointName"].lower() == key]


def found(call: Call, name: str) -> Document:
    """Return a component's document; ServiceError when there is none."""
    document = components(call).get(name.lower())
    if document is None:
        of = arn(call, "inference-component", name)
        raise invalid(f'Could not find inference component "{of}".')
    return document


def change(call: Call, name: str, do: Callable[[Document, str], None]) -> Document:
    """Change a component's document by `do`, which also gets the time; a full disk only delays it."""

    def write() -> Document:
        with call.cloud.state.transaction():
            document = found(call, name)
            do(document, now())
            components(call).replace(name.lower(), document)
            published(call, document)
        return document

    return background.insist(f"inference component {name}", write)


def published(call: Call, document: Document) -> None:
    """Publish a component's state. AWS has no event for it: this one is heard by executions that wait."""
    call.cloud.events.publish(
        "Inference Component State Change",
        documents.listed(document),
        region=call.region,
        resources=(document["InferenceComponentArn"],),
        source="slipway",
    )


def begin(call: Call, name: str, status: str, do: Callable[[Document], None]) -> Document:
    """Give a component another status, after `do` has prepared it.

    Raises:
        ServiceError: Something is in progress already; or, but for a deletion, it has failed.
    """

    def entered(document: Document, time: str) -> None:
        of, current = document["InferenceComponentArn"], document["InferenceComponentStatus"]
        if current in documents.IN_PROGRESS:
            raise invalid(f'Cannot update in-progress inference component "{of}".')
        if current == "Failed" and status != "Deleting":
            raise invalid(
                f'Cannot update inference component "{of}": it has Failed, so it can only be deleted.'
            )
        do(document)
        documents.enter(document, status, time)

    return change(call, name, entered)


def place(call: Call, document: Document) -> str:
    """Find room for the desired copies of a component: return "", or why there is none.

    Where ManagedInstanceScaling is enabled, the endpoint has as many instances as the copies of all
    its components need, within its limits.
    """
    name, wanted = document["InferenceComponentName"], document["RuntimeConfig"]["DesiredCopyCount"]
    with _placing:
        endpoint = endpoints.found(call, document["EndpointName"])
        least, most = limits(endpoint)
        try:
            count = instances(call, endpoint, {name: wanted})
        except TooLarge as error:
            return str(error)
        if count > most:
            return (
                f"The copies of the inference components need {count} instance(s) of the endpoint "
                f"{endpoint['EndpointName']}, which has {most} at most; lower CopyCount, or give the "
                "endpoint more instances."
            )
        change(call, name, lambda document, _: document.update(Placed=wanted))
        resize(call, endpoint, max(least, count))
    return ""


def release(call: Call, name: str) -> None:
    """Give back the instances that an endpoint's components need no more."""
    # Another InstanceType may be too small by now: the copies stay where they are.
    with _placing, suppress(TooLarge):
        endpoint = endpoints.found(call, name)
        resize(call, endpoint, max(limits(endpoint)[0], instances(call, endpoint)))


def instances(
    call: Call, endpoint: Mapping[str, Any], wanted: Mapping[str, int] | None = None
) -> int:
    """Return how many instances the components of an endpoint need.

    `wanted` has copies by component that shall be placed; of all others, those that are placed count.

    Raises:
        TooLarge: One copy does not fit on an instance.
    """
    needs = [
        documents.need(each, (wanted or {}).get(each["InferenceComponentName"], each["Placed"]))
        for each in of_endpoint(call, endpoint["EndpointName"])
    ]
    settings = endpoint["Config"]["ProductionVariants"][0]
    return needed(needs, room(settings["InstanceType"]))


def limits(endpoint: Mapping[str, Any]) -> tuple[int, int]:
    """Return how few and how many instances an endpoint may have for its components."""
    scaling = endpoint["Config"]["ProductionVariants"][0].get("ManagedInstanceScaling", {})
    there: int = endpoint["ProductionVariants"][0]["CurrentInstanceCount"]
    if scaling.get("Status") != "ENABLED":
        return there, there
    least: int = scaling.get("MinInstanceCount", 0)
    return least, scaling.get("MaxInstanceCount", max(least, there))


def resize(call: Call, endpoint: Mapping[str, Any], count: int) -> None:
    """Write how many instances an endpoint has; nothing runs on them but the components' copies."""
    if count == endpoint["ProductionVariants"][0]["CurrentInstanceCount"]:
        return

    def resized(document: dict[str, Any], _: str) -> None:
        variant = document["ProductionVariants"][0]
        variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"] = count

    endpoints.change(call, endpoint["EndpointName"], resized)
