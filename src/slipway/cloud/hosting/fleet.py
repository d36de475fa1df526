"""The instances of one variant of an endpoint, under one endpoint configuration."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import instances
from slipway.cloud.hosting.on_demand import OnDemand, StartFailed, idle_after
from slipway.hosting.instance import Instance

STEP = 0.5  # seconds between two looks at instances that start

_fleets: set["Fleet"] = set()  # all that may have instances, of every cloud in this process
_known = threading.Lock()


class Fleet:
    """The instances of one variant; more or fewer of them, one of them for a request.

    Args:
        settings: The variant as CreateEndpointConfig has it.
        model_document: Its model, resolved: every container with its image and its artifacts.
    """

    def __init__(
        self,
        cloud: Cloud,
        region: str,
        endpoint_name: str,
        config_name: str,
        settings: Mapping[str, Any],
        model_document: Mapping[str, Any],
    ) -> None:
        self.cloud, self.region = cloud, region
        self.endpoint, self.config = endpoint_name, config_name
        self.variant: str = settings["VariantName"]
        self.settings, self.model = settings, model_document
        self.instances: tuple[Instance, ...] = ()  # oldest first; replaced whole, never changed
        strategy = settings.get("RoutingConfig", {}).get("RoutingStrategy")
        self._at_random = strategy == "RANDOM"
        self._changing = threading.Lock()
        self.stopped = False
        self.on_demand: OnDemand | None = None  # of a serverless variant, which has no fixed count
        if serverless := settings.get("ServerlessConfig"):
            most, kept = serverless["MaxConcurrency"], serverless.get("ProvisionedConcurrency", 0)
            self.on_demand = OnDemand(self, most, kept, idle_after())
        with _known:
            _fleets.add(self)

    def grow(self, count: int) -> None:
        """Start instances until there are `count`; return at once.

        Raises:
            ServiceError: The model cannot be served, its image is unknown for one.
        """
        with self._changing:
            while len(self.instances) < count and not self.stopped:
                instance = self.made()
                instance.start()
                self.instances += (instance,)

    def made(self) -> Instance:
        """Return one more instance, not started and not of the fleet."""
        return instances.made(self.cloud, self.region, self.endpoint, self.settings, self.model)

    def add(self) -> Instance:
        """Start one more instance and return it, whatever its state; StartFailed when all end."""
        with self._changing:
            if self.stopped:
                raise StartFailed("The endpoint is being deleted.")
            instance = self.made()
            instance.start()
            self.instances += (instance,)
        return instance

    def remove(self, instance: Instance) -> None:
        """Take one instance out of traffic and stop it."""
        with self._changing:
            self.instances = tuple(each for each in self.instances if each is not instance)
        instance.stop()

    def wait(self, timeout: float | None = None) -> str:
        """Wait until every instance is InService: return "", or why it is not so.

        `timeout` in seconds; None waits as long as an instance may take to start.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            states = [(instance, instance.wait(0)) for instance in self.instances]
            for instance, state in states:
                # One that was taken out of the fleet meanwhile has not failed.
                if state == "Failed" or (state == "Stopped" and instance in self.instances):
                    return instance.failure or "The instance was stopped."
            starting = [instance for instance, state in states if state == "Starting"]
            if not starting:
                return ""
            left = STEP if end is None else min(STEP, end - time.monotonic())
            if left <= 0:
                return (
                    f"{len(starting)} instance(s) of variant {self.variant} did not start in time."
                )
            starting[0].wait(left)

    def shrink(self, count: int) -> None:
        """Take the newest instances above `count` out of traffic, and stop them when they are idle."""
        with self._changing:
            gone, self.instances = self.instances[count:], self.instances[:count]
        end(gone)

    def pick(self) -> Instance | None:
        """Return a ready instance, the one with the fewest requests in it; None: none is ready."""
        ready = [instance for instance in self.instances if instance.ready]
        if len(ready) < 2:
            return ready[0] if ready else None
        first = random.randrange(len(ready))  # noqa: S311  (who comes first of equals)
        if self._at_random:
            return ready[first]
        return min(ready[first:] + ready[:first], key=lambda instance: instance.outstanding)

    def stop(self, grace: float = 30.0) -> None:
        """Stop all instances, each after the requests that are in it; none starts any more."""
        self.stopped = True
        with self._changing:
            gone, self.instances = self.instances, ()
        end(gone, grace)
        with _known:
            _fleets.discard(self)


def end(gone: Iterable[Instance], grace: float = 30.0) -> None:
    """Stop instances side by side."""
    side_by_side([partial(instance.stop, grace) for instance in gone])


def end_all(cloud: Cloud, grace: float) -> None:
    """Stop all fleets of a cloud; an instance with a request in it ends at once."""
    with _known:
        mine = [fleet for fleet in _fleets if fleet.cloud is cloud]
    stops = []
    for fleet in mine:
        fleet.stopped = True
        for instance in fleet.instances:
            stops.append(partial(instance.stop, 0 if instance.outstanding else grace))
    side_by_side(stops)
    for fleet in mine:
        fleet.stop(0)


def side_by_side(tasks: Iterable[Callable[[], None]]) -> None:
    """Do several things at once; return when all are done."""
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
