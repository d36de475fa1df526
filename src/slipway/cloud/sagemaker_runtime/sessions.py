"""Stateful sessions: a model opens one, and requests of it go to the instance that did."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.traffic import Variant
from slipway.hosting.instance import Instance

NEW = "NEW_SESSION"  # what a caller sends for an id that opens one
OPENED = "x-amzn-sagemaker-new-session-id"  # "<id>; Expires=…"
CLOSED = "x-amzn-sagemaker-closed-session-id"
MOST = 10_000  # sessions that are remembered; the oldest are forgotten, as all are with the cloud

_hosts: OrderedDict[tuple[str, str], str] = OrderedDict()  # instance by endpoint's ARN and session
_changing = threading.Lock()


@dataclass(frozen=True)
class Holder:
    """Who has a session."""

    variant: Variant[Fleet]
    fleet: Fleet
    instance: Instance


def note(of: Live, headers: Mapping[str, str], instance: Instance) -> None:
    """Remember the session that an instance has opened, or forget the one that it has closed."""
    opened, closed = headers.get(OPENED), headers.get(CLOSED)
    if opened or closed:
        with _changing:
            if opened:
                _hosts[of.arn, opened.partition(";")[0].strip()] = instance.server.host
            if closed:
                _hosts.pop((of.arn, closed), None)
            if len(_hosts) > MOST:
                _hosts.popitem(last=False)


def holder(of: Live, session: str) -> Holder | None:
    """Return who has a session; None for a new one, and where its instance takes no requests."""
    host = _hosts.get((of.arn, session)) if session and session != NEW else None
    if host is None:
        return None
    for variant in of.routing.variants:
        for share in variant.shares:
            for instance in share.fleet.instances:
                if instance.server.host == host and instance.ready:
                    return Holder(variant, share.fleet, instance)
    return None
