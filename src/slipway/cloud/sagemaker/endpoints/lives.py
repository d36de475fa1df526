"""What brings an endpoint to life, changes how much of it there is, and ends it.

Each piece of work runs in a thread of its own, after the answer to the request that asked for it. It
reads what to do from the endpoint's document, so the next process can take it up.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slipway.cloud.autoscaling.targets import forget_endpoint as forget_targets
from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import background, capture, instances
from slipway.cloud.hosting import fleet as fleets
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live, live, routed
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.endpoints import documents, store
from slipway.cloud.sagemaker.endpoints.documents import Document
from slipway.cloud.service import Call, ServiceError
from slipway.jobs import workspace

log = logging.getLogger(__name__)

GRACE = 2.0  # seconds that model servers get when the whole cloud ends

Work = Callable[[Call, str], None]


def begin(call: Call, name: str, work: Work) -> None:
    """Do a piece of work on an endpoint; an error of ours ends in its FailureReason."""

    def trouble(reason: str) -> None:
        change(call, name, lambda document, now: failed(document, now, reason))

    background.begin(call.cloud, f"endpoint {name}", lambda: work(call, name), trouble)


def failed(document: Document, now: str, reason: str) -> None:
    """Write that what was in progress has failed; a deletion is taken up at the next start."""
    if document["EndpointStatus"] == "Creating":
        documents.conclude(document, "Failed", now, reason)
    elif document["EndpointStatus"] != "Deleting":
        documents.undo(document, now, reason)


def change(call: Call, name: str, do: Callable[[Document, str], None]) -> Document:
    """Change an endpoint's document as `endpoint_store.change`; a full disk only delays it."""
    return background.insist(f"endpoint {name}", lambda: store.change(call, name, do))


def create(call: Call, name: str) -> None:
    """Start what the endpoint's document wants; then it serves, or its creation has failed."""
    document = store.found(call, name)
    own = made(call.cloud, call.region, document)
    if reason := started(call, document, own):
        stop(own)
        change(
            call, name, lambda document, now: documents.conclude(document, "Failed", now, reason)
        )
        return
    Live(call.cloud, call.region, document, routed(document, own)).enlist()
    change(call, name, lambda document, now: documents.settle(document, now))


def revive(call: Call, name: str) -> None:
    """Start again what ran when the last process ended; invocations find it meanwhile."""
    document = store.found(call, name)
    if document["EndpointStatus"] == "OutOfService":  # it is tried again
        document = change(call, name, lambda found, now: documents.enter(found, "Updating", now))
    own = made(call.cloud, call.region, document)
    serving = Live(call.cloud, call.region, document, routed(document, own))
    serving.enlist()
    reason = started(call, document, own)
    status = document["EndpointStatus"]
    if reason:
        log.error("endpoint %s is out of service: %s", name, reason)
        serving.strike()
        stop(own)
        change(
            call,
            name,
            lambda document, now: documents.conclude(document, "OutOfService", now, reason),
        )
    elif status != "InService" and "PendingDeploymentSummary" not in document:
        change(call, name, lambda document, now: documents.settle(document, now))


def resize(call: Call, name: str) -> None:
    """Bring a serving endpoint to the counts and weights that its document wants."""
    document = store.found(call, name)
    serving = live(call.cloud, call.region, name)
    if serving is None:
        revive(call, name)
        return
    own = serving.fleets()
    if reason := started(call, document, own):
        for summary in documents.variants(document):
            if fleet := own.get(summary["VariantName"]):
                shrink(fleet, summary, "Current")
        change(call, name, lambda document, now: documents.undo(document, now, reason))
        return
    serving.swap(routed(document, own))
    for summary in documents.variants(document):
        if fleet := own.get(summary["VariantName"]):
            shrink(fleet, summary)
    change(call, name, lambda document, now: documents.settle(document, now))


def delete(call: Call, name: str) -> None:
    """Let invocations not find an endpoint any more, stop its instances, forget it."""
    serving = live(call.cloud, call.region, name)
    if serving:
        serving.strike()
        stop(serving.fleets())
    capture.flush(call.cloud, name)
    background.unless_ending(call.cloud)
    with call.cloud.state.transaction():
        document = store.found(call, name)
        store.endpoints(call).delete(name.lower())
        tags.forget(call, document["EndpointArn"])
        forget_targets(call.cloud, call.region, document["EndpointName"])


def made(cloud: Cloud, region: str, document: Mapping[str, Any]) -> dict[str, Fleet]:
    """Return the fleet of each variant that has a model, without instances."""
    config, models = document["Config"], document["Models"]
    return {
        settings["VariantName"]: Fleet(
            cloud,
            region,
            document["EndpointName"],
            config["EndpointConfigName"],
            settings,
            models[settings["ModelName"]],
        )
        for settings in documents.settings_of(config)
        if "ModelName" in settings
    }


def started(call: Call, document: Mapping[str, Any], own: Mapping[str, Fleet]) -> str:
    """Start the desired instances of each variant: return "" once they run, or why they do not.

    A serverless variant is tried with one instance before it is created: it serves without any.

    Raises:
        Interrupted: The cloud ends.
    """
    reason = ""
    try:
        for summary in documents.variants(document):
            if fleet := own.get(summary["VariantName"]):
                fleet.grow(wanted(summary, document["EndpointStatus"]))
        for fleet in own.values():
            reason = reason or fleet.wait()
    except ServiceError as error:
        reason = error.message
    background.unless_ending(call.cloud)
    if not reason:
        for summary in documents.variants(document):
            fleet = own.get(summary["VariantName"])
            if fleet and fleet.on_demand:
                shrink(fleet, summary)
    return reason


def wanted(summary: Mapping[str, Any], status: str) -> int:
    """Return how many instances of a variant must start."""
    trial = status == "Creating" and "DesiredServerlessConfig" in summary
    count: int = summary["DesiredInstanceCount"] + provisioned(summary, "Desired")
    return max(count, 1) if trial else count


def shrink(fleet: Fleet, summary: Mapping[str, Any], which: str = "Desired") -> None:
    """Stop the instances that a variant has beyond its desired, or its current, number."""
    if fleet.on_demand is None:
        fleet.shrink(summary[f"{which}InstanceCount"])
        return
    fleet.on_demand.resize(
        serverless(summary, which)["MaxConcurrency"], provisioned(summary, which)
    )


def provisioned(summary: Mapping[str, Any], which: str) -> int:
    """Return how many instances of a serverless variant are kept warm."""
    count: int = serverless(summary, which).get("ProvisionedConcurrency", 0)
    return count


def serverless(summary: Mapping[str, Any], which: str) -> Mapping[str, Any]:
    """Return the desired, or current, ServerlessConfig of a variant; empty where it has none."""
    current: Mapping[str, Any] = summary.get("CurrentServerlessConfig", {})
    return summary.get("DesiredServerlessConfig", current) if which == "Desired" else current


def stop(own: Mapping[str, Fleet]) -> None:
    """Stop all instances of an endpoint, side by side."""
    fleets.side_by_side([fleet.stop for fleet in own.values()])


def take_up(cloud: Cloud) -> None:
    """Go on with every endpoint as the last process left it."""
    background.reopen(cloud)
    for region in store.regions(cloud):
        call = store.own_call(cloud, region)
        for document in store.all_of(call):
            name, status = document["EndpointName"], document["EndpointStatus"]
            where = instances.folder(cloud, region, name)
            for path in where.glob("i-*"):
                workspace.remove(path)
            if status == "Creating":
                begin(call, name, create)
            elif status == "Deleting":
                begin(call, name, delete)
            elif status != "Failed" and "Update" not in document:  # whose release is taken up
                begin(call, name, revive)


def end_all(cloud: Cloud) -> None:
    """End every model server of a cloud; what was in progress is taken up by the next one."""
    mine = background.close(cloud)
    fleets.end_all(cloud, GRACE)
    background.join(mine)
