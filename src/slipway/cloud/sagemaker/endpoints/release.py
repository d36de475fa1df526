"""One release, carried out: fleets start, traffic moves, alarms are watched, fleets end."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudwatch import alarms
from slipway.cloud.hosting import background, release
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live, live, routed
from slipway.cloud.hosting.release import Action, Bake, Counts, Provision, Shift, Terminate
from slipway.cloud.hosting.traffic import Routing, Share, Variant
from slipway.cloud.sagemaker.endpoints import documents, events, lives
from slipway.cloud.sagemaker.endpoints import release_documents as progress
from slipway.cloud.sagemaker.endpoints.documents import Document
from slipway.cloud.sagemaker.endpoints.release_documents import PENDING, UPDATE
from slipway.cloud.sagemaker.listing import moment
from slipway.cloud.service import Call, ServiceError

log = logging.getLogger(__name__)

LOOK = 0.2  # seconds between two looks at alarms

Fleets = Mapping[str, Fleet]


class Halted(Exception):
    """A release cannot go on; the message is the endpoint's FailureReason."""


class Release:
    """One release of one endpoint."""

    def __init__(self, call: Call, document: Document) -> None:
        update = document[UPDATE]
        self.call, self.name = call, document["EndpointName"]
        self.deployment: Mapping[str, Any] = update["Deployment"]
        self.target: str = update["Config"]["EndpointConfigName"]
        self.limit = moment(update["StartTime"]).timestamp() + release.longest(self.deployment)
        serving = live(call.cloud, call.region, self.name)
        self.coming = coming(document)
        self.new: Fleets = lives.made(call.cloud, call.region, self.coming)
        self.after = routed(self.coming, self.new)
        # An endpoint that is out of service has nothing to take traffic from.
        self.serving = serving or Live(call.cloud, call.region, document, Routing(()))
        self.before, self.config = self.serving.routing, self.serving.config
        self.old: Fleets = self.serving.fleets()
        self.was: Counts = progress.sizes(documents.variants(document)) if serving else {}
        wanted = progress.sizes(documents.variants(document[PENDING]))
        self.actions = release.plan(self.was, wanted, self.deployment)
        self.stand = release.begin(self.was, wanted)
        self.undoing = False

    def carry_out(self) -> str:
        """Do all of it: return "", or why it was undone.

        Raises:
            Interrupted: The cloud ends.
        """
        for index, action in enumerate(self.actions):
            if final := release.final(self.actions, index):
                self.mark("Final", True)
            try:
                self.do(action)
            except background.Interrupted:
                raise
            except Exception as error:
                background.unless_ending(self.call.cloud)
                reason = str(error)
                if not isinstance(error, Halted):
                    log.exception("the release of endpoint %s", self.name)
                    reason = f"InternalServerError: an error in Slipway: {error!r}"
                if not final:  # else the old fleets are ending, and the new ones serve
                    self.undo(reason)
                    return reason
        return ""

    def undo(self, reason: str) -> None:
        """Bring back what was."""
        self.undoing = True
        self.mark("Reason", reason)
        for action in release.undo(self.stand, self.was, self.deployment):
            self.do(action)

    def remains(self) -> Counts:
        """End what an undoing that failed has left behind; return the old instances that serve."""
        lives.stop(self.new)
        for fleet in self.old.values():
            for instance in fleet.instances:
                if instance.wait(0) != "InService":
                    fleet.remove(instance)
        return {name: len(fleet.instances) for name, fleet in self.old.items()}

    def do(self, action: Action) -> None:
        """Carry out one action, and say so first."""
        self.say(action)
        before, self.stand = self.stand, release.after(self.stand, (action,))
        match action:
            case Provision(side, counts):
                self.provision(self.new if side == "new" else self.old, counts)
            case Shift(parts):
                if not any(before.parts.values()) and any(parts.values()):
                    self.refuse_ringing(
                        "before any traffic was shifted to it. Update again when it is OK"
                    )
                self.shift(parts)
            case Bake(seconds, wait):
                self.bake(seconds, wait)
            case Terminate(side, counts):
                self.terminate(self.new if side == "new" else self.old, counts)
        background.unless_ending(self.call.cloud)

    def provision(self, fleets: Fleets, counts: Counts) -> None:
        """Start instances and wait for them; a serverless variant is tried with one."""
        reason = ""
        try:
            for name, fleet in fleets.items():
                fleet.grow(max(counts[name], kept(fleet)))
            for fleet in fleets.values():
                reason = reason or fleet.wait(self.left())
        except ServiceError as error:
            reason = error.message
        background.unless_ending(self.call.cloud)
        self.refuse_late()
        if reason:
            raise Halted(reason)
        for fleet in fleets.values():
            if fleet.on_demand:
                fleet.on_demand.resize(fleet.on_demand.limit, kept(fleet))

    def left(self) -> float | None:
        """Return the seconds that the release may still take; None: as long as it needs."""
        return None if self.undoing else max(0.0, self.limit - time.time())

    def shift(self, parts: Mapping[str, float]) -> None:
        """Send traffic to the new fleets by these parts, all at one moment."""
        if all(part == 1 for part in parts.values()):
            self.serving.swap(self.after, self.coming["Config"])
            self.serving.enlist()
        elif not any(parts.values()):
            self.serving.swap(self.before, self.config)
            if not self.was:
                self.serving.strike()
        else:
            self.serving.swap(mixed(self.before, self.after, parts), self.config)

    def bake(self, seconds: float, wait: str) -> None:
        """Watch the alarms for a while."""
        end = time.monotonic() + seconds
        while True:
            self.refuse_ringing(f"while it baked ({wait})")
            self.refuse_late()
            background.unless_ending(self.call.cloud)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(LOOK, left))

    def terminate(self, fleets: Fleets, counts: Counts) -> None:
        """Stop instances after the requests that are in them."""
        if not any(counts.values()):
            lives.stop(fleets)
            return
        for name, fleet in fleets.items():
            fleet.shrink(counts[name])

    def refuse_ringing(self, when: str) -> None:
        """Halt when an alarm of the deployment is in ALARM."""
        cloud, region = self.call.cloud, self.call.region
        watched = release.alarms(self.deployment)
        if ringing := [name for name in watched if alarms.state(cloud, region, name) == "ALARM"]:
            raise Halted(
                f"Alarm {', '.join(ringing)} was in ALARM state during the deployment of endpoint "
                f"configuration {self.target}, {when}. All traffic is back on the old configuration."
            )

    def refuse_late(self) -> None:
        """Halt when the release takes too long."""
        if self.left() == 0:
            raise Halted(
                f"The deployment of endpoint configuration {self.target} did not end within its "
                f"MaximumExecutionTimeoutInSeconds of {release.longest(self.deployment):.0f}. All "
                "traffic is back on the old configuration."
            )

    def say(self, action: Action) -> None:
        """Write what is done now, and publish it."""

        def show(document: Document, now: str) -> None:
            progress.show(document, action, self.stand, now)
            events.deployment_published(self.call, document)

        lives.change(self.call, self.name, show)

    def mark(self, member: str, value: Any) -> None:
        """Write down how far the release is, for the next process."""
        lives.change(
            self.call, self.name, lambda document, _: document[UPDATE].update({member: value})
        )


def coming(document: Document) -> Document:
    """Return an endpoint's document as it will be when its release has ended."""
    found = dict(document)
    progress.finish(found, document[UPDATE]["StartTime"])
    return found


def mixed(
    before: Routing[Fleet], after: Routing[Fleet], parts: Mapping[str, float]
) -> Routing[Fleet]:
    """Return the traffic of a release in its middle: weights and the shadow are still the old ones."""
    to = {variant.name: variant.shares for variant in after.variants}

    def divided(variant: Variant[Fleet]) -> Variant[Fleet]:
        part = parts[variant.name]
        shares = [Share(share.fleet, share.part * (1 - part)) for share in variant.shares]
        shares += [Share(share.fleet, share.part * part) for share in to[variant.name]]
        kept = tuple(share for share in shares if share.part > 0)
        return Variant(variant.name, variant.weight, kept, variant.settings)

    return Routing(tuple(divided(variant) for variant in before.variants), before.shadow)


def kept(fleet: Fleet) -> int:
    """Return how many instances of a serverless variant are kept warm."""
    return fleet.on_demand.kept if fleet.on_demand else 0
