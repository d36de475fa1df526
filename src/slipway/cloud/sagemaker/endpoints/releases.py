"""Releases of endpoints: begun, ended one way or the other, and taken up after a restart.

Each runs in a thread of its endpoint, and reads what to do from the endpoint's document.
"""

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting.live import live
from slipway.cloud.hosting.release import Counts
from slipway.cloud.sagemaker.endpoints import documents, lives, store
from slipway.cloud.sagemaker.endpoints import release_documents as progress
from slipway.cloud.sagemaker.endpoints.documents import Document
from slipway.cloud.sagemaker.endpoints.release import Halted, Release
from slipway.cloud.sagemaker.endpoints.release_documents import UPDATE
from slipway.cloud.service import Call, ServiceError


def begin(call: Call, name: str) -> None:
    """Carry out the release that an endpoint's document holds, and write how it ended."""
    document = store.found(call, name)
    try:
        carried = Release(call, document)
    except ServiceError as error:
        fail(call, name, error.message)
        return
    try:
        reason = carried.carry_out()
    except Halted as halted:
        stuck(call, name, carried.remains(), str(halted))
        return
    if reason:
        fail(call, name, reason)
    else:
        succeed(call, name)


def succeed(call: Call, name: str) -> None:
    """Write that the new configuration serves."""

    def settle(document: Document, now: str) -> None:
        progress.finish(document, now)
        documents.settle(document, now)

    lives.change(call, name, settle)


def fail(call: Call, name: str, reason: str) -> None:
    """Write that the old configuration serves, as it did, and why."""
    serves = live(call.cloud, call.region, name) is not None

    def settle(document: Document, now: str) -> None:
        if serves:
            documents.settle(document, now, reason)
        else:
            documents.conclude(document, "OutOfService", now, reason)

    lives.change(call, name, settle)


def stuck(call: Call, name: str, there: Counts, reason: str) -> None:
    """Write that the old fleets did not come back whole: what there is of them serves."""

    def settle(document: Document, now: str) -> None:
        progress.remain(document, there)
        documents.conclude(document, "UpdateRollbackFailed", now, reason)

    lives.change(call, name, settle)


def resume(call: Call, name: str) -> None:
    """Take up a release that the last process left: finish it, complete its undoing, or begin anew.

    The fleets died with that process, so the endpoint first serves what it served.
    """
    update = store.found(call, name)[UPDATE]
    if update.get("Final"):
        # All bakes were over: only old instances were still to end.
        lives.change(call, name, progress.finish_interrupted)
    lives.revive(call, name)
    if update.get("Final") or live(call.cloud, call.region, name) is None:
        return
    if reason := update.get("Reason"):
        fail(call, name, reason)
    else:
        begin(call, name)


def take_up(cloud: Cloud) -> None:
    """Go on with every release as the last process left it."""
    for region in store.regions(cloud):
        call = store.own_call(cloud, region)
        for document in store.all_of(call):
            if UPDATE in document:
                lives.begin(call, document["EndpointName"], resume)
