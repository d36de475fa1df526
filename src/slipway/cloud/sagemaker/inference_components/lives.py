"""What starts the copies of inference components, changes their number, and ends them."""

import time
from collections.abc import Callable

from slipway.cloud.autoscaling.targets import forget_component
from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import background
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live, live
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.endpoints.store import found, own_call
from slipway.cloud.sagemaker.inference_components import documents, store
from slipway.cloud.sagemaker.inference_components.documents import Document
from slipway.cloud.service import Call, ServiceError

LOOK = 0.05  # seconds between two looks for the endpoint, when both are taken up

Work = Callable[[Call, str], None]


def begin(call: Call, name: str, work: Work) -> None:
    """Do a piece of work on a component; an error of ours ends in its FailureReason."""

    def trouble(reason: str) -> None:
        store.change(call, name, lambda document, now: documents.undo(document, now, reason))

    background.begin(call.cloud, f"component {name}", lambda: work(call, name), trouble)


def create(call: Call, name: str) -> None:
    """Start the copies of a new component; then it serves, or its creation has failed."""
    document = store.found(call, name)
    fleet = made(call, document)
    reason = store.place(call, document) or started(call, document, fleet)
    if reason:
        fleet.stop()
        store.change(call, name, lambda document, now: documents.undo(document, now, reason))
        store.release(call, document["EndpointName"])
        return
    serving(call, document).put(document["InferenceComponentName"], fleet)
    store.change(call, name, documents.settle)


def revive(call: Call, name: str) -> None:
    """Start again what ran when the last process ended, and go on with what was in progress."""
    document = store.found(call, name)
    fleet = made(call, document)
    serving(call, document).put(document["InferenceComponentName"], fleet)
    if reason := started(call, document, fleet):
        serving(call, document).put(document["InferenceComponentName"], None)
        fleet.stop()
        store.change(call, name, lambda document, now: documents.lose(document, now, reason))
    elif "Next" in document:
        update(call, name)
    elif document["InferenceComponentStatus"] != "InService":
        store.change(call, name, documents.settle)


def resize(call: Call, name: str) -> None:
    """Bring a component to its desired number of copies."""
    document = store.found(call, name)
    fleet = serving(call, document).components[document["InferenceComponentName"]]
    reason = store.place(call, document) or started(call, document, fleet)
    if reason:
        fleet.shrink(document["RuntimeConfig"]["CurrentCopyCount"])
        store.change(call, name, lambda document, now: documents.undo(document, now, reason))
    else:
        fleet.shrink(document["RuntimeConfig"]["DesiredCopyCount"])
        store.change(call, name, documents.settle)
    store.release(call, document["EndpointName"])


def update(call: Call, name: str) -> None:
    """Start the copies of another specification, then let them take the place of the old ones."""
    document = store.found(call, name)
    new = document | document["Next"]
    fleet, endpoint = made(call, new), serving(call, document)
    reason = store.place(call, document) or started(call, new, fleet)
    if reason:
        fleet.stop()
        store.change(call, name, lambda document, now: documents.undo(document, now, reason))
        store.release(call, document["EndpointName"])
        return

    def adopted(document: Document, now: str) -> None:
        documents.adopt(document)
        documents.settle(document, now)

    old = endpoint.components[document["InferenceComponentName"]]
    endpoint.put(document["InferenceComponentName"], fleet)
    store.change(call, name, adopted)
    old.stop()


def delete(call: Call, name: str) -> None:
    """Stop a component's copies and forget it."""
    document = store.found(call, name)
    endpoint = live(call.cloud, call.region, document["EndpointName"])
    if endpoint and (fleet := endpoint.components.get(document["InferenceComponentName"])):
        endpoint.put(document["InferenceComponentName"], None)
        fleet.stop()
    background.unless_ending(call.cloud)
    with call.cloud.state.transaction():
        store.components(call).delete(name.lower())
        tags.forget(call, document["InferenceComponentArn"])
        forget_component(call.cloud, call.region, document["InferenceComponentName"])
    store.release(call, document["EndpointName"])


def made(call: Call, document: Document) -> Fleet:
    """Return the fleet of a component, without copies."""
    endpoint, settings = found(call, document["EndpointName"]), documents.settings(document)
    name, config = endpoint["EndpointName"], endpoint["EndpointConfigName"]
    return Fleet(call.cloud, call.region, name, config, settings, document["Model"])


def started(call: Call, document: Document, fleet: Fleet) -> str:
    """Start the desired copies: return "" once they run, or why they do not.

    Raises:
        Interrupted: The cloud ends.
    """
    try:
        fleet.grow(document["RuntimeConfig"]["DesiredCopyCount"])
        reason = fleet.wait()
    except ServiceError as error:
        reason = error.message
    background.unless_ending(call.cloud)
    return reason


def serving(call: Call, document: Document) -> Live:
    """Return the endpoint of a component; waits for one that is taken up."""
    while True:
        background.unless_ending(call.cloud)
        if endpoint := live(call.cloud, call.region, document["EndpointName"]):
            return endpoint
        time.sleep(LOOK)


def take_up(cloud: Cloud) -> None:
    """Go on with every component as the last process left it; call it after the endpoints' own."""
    for region in cloud.state.regions(store.KIND):
        call = own_call(cloud, region)
        for document in store.all_of(call):
            works = {
                "Creating": create,
                "Deleting": delete,
                "InService": revive,
                "Updating": revive,
            }
            status = document["InferenceComponentStatus"]
            work = revive if status == "Failed" and "Lost" in document else works.get(status)
            if work:
                begin(call, document["InferenceComponentName"], work)
