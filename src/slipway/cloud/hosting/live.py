"""The endpoints that serve, by name: what an invocation looks up."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.traffic import Routing, Share, Variant

_lives: dict[tuple[Path, str, str], "Live"] = {}


class Live:
    """One endpoint that serves.

    Its routing, its configuration and its components are replaced whole; who reads them needs no lock.
    """

    def __init__(
        self,
        cloud: Cloud,
        region: str,
        document: Mapping[str, Any],
        routing: Routing[Fleet],
    ) -> None:
        self.cloud, self.region = cloud, region
        self.name: str = document["EndpointName"]
        self.arn: str = document["EndpointArn"]
        self.config: Mapping[str, Any] = document["Config"]  # of DescribeEndpointConfig
        self.routing = routing
        self.components: Mapping[str, Fleet] = {}  # the copies of each inference component
        self._changing = threading.Lock()

    def swap(self, routing: Routing[Fleet], config: Mapping[str, Any] | None = None) -> None:
        """Send all traffic another way from now on; `config` is the configuration from now on."""
        with self._changing:
            self.routing = routing
            if config is not None:
                self.config = config

    def put(self, component: str, fleet: Fleet | None) -> None:
        """Let the copies of an inference component take requests from now on; None: no copies."""
        with self._changing:
            rest = {name: other for name, other in self.components.items() if name != component}
            self.components = rest | ({component: fleet} if fleet else {})

    def fleets(self) -> dict[str, Fleet]:
        """Return the fleet of each variant; the newest one where a release has two of them."""
        return {
            variant.name: variant.shares[-1].fleet for variant in self.variants() if variant.shares
        }

    def variants(self) -> tuple[Variant[Fleet], ...]:
        """Return all variants, the shadow last."""
        shadow = self.routing.shadow
        return self.routing.variants + ((shadow,) if shadow else ())

    def enlist(self) -> None:
        """Let invocations find it."""
        _lives[key(self.cloud, self.region, self.name)] = self

    def strike(self) -> None:
        """Let invocations not find it any more."""
        _lives.pop(key(self.cloud, self.region, self.name), None)


def live(cloud: Cloud, region: str, name: str) -> Live | None:
    """Return the endpoint that serves under a name in any case, or None.

    Whoever invokes it must use the name in its own case (`Live.name`).
    """
    return _lives.get(key(cloud, region, name))


def lives(cloud: Cloud) -> list[Live]:
    """Return all endpoints of a cloud that serve."""
    return [each for each in list(_lives.values()) if each.cloud.home == cloud.home]


def key(cloud: Cloud, region: str, name: str) -> tuple[Path, str, str]:
    """Return where an endpoint is kept."""
    return cloud.home, region, name.lower()


def routed(document: Mapping[str, Any], fleets: Mapping[str, Fleet]) -> Routing[Fleet]:
    """Return the traffic of an endpoint as its document wants it, each variant by one fleet.

    The variant of an endpoint of inference components has no fleet, so it has no share.
    """
    config = document["Config"]

    def variant(summary: Mapping[str, Any], settings: Mapping[str, Any]) -> Variant[Fleet]:
        fleet = fleets.get(summary["VariantName"])
        shares = (Share(fleet, 1.0),) if fleet else ()
        return Variant(summary["VariantName"], float(summary["DesiredWeight"]), shares, settings)

    def of(member: str) -> tuple[Variant[Fleet], ...]:
        pairs = zip(document.get(member, []), config.get(member, []), strict=True)
        return tuple(variant(summary, settings) for summary, settings in pairs)

    shadows = of("ShadowProductionVariants")
    return Routing(of("ProductionVariants"), shadows[0] if shadows else None)
