"""The metrics that no request brings: what instances use, what is in work, what waits."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.hosting.live import Live, lives
from slipway.cloud.hosting.traffic import Variant
from slipway.cloud.sagemaker_runtime import backlog
from slipway.cloud.sagemaker_runtime.backlog import Backlog, ready
from slipway.cloud.sagemaker_runtime.measured import (
    NAMESPACE,
    OF_INSTANCES,
    Values,
    dimension_set,
    of_component,
)
from slipway.cloud.service import Call
from slipway.hosting.instance import Instance
from slipway.hosting.usage import Usage

EVERY = 5.0  # seconds between two samples
USED = 60.0  # seconds between two points of an instance's use, where MetricsConfig has no other
log = logging.getLogger(__name__)

_samplers: dict[Path, "Sampler"] = {}


def start(cloud: Cloud) -> None:
    """Begin to sample a cloud's endpoints."""
    _samplers[cloud.home] = Sampler(cloud)


def stop(cloud: Cloud) -> None:
    """Sample no more."""
    if found := _samplers.pop(cloud.home, None):
        found.stop()


class Sampler:
    """A thread that looks at all endpoints of a cloud now and then."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._due: WeakKeyDictionary[Instance, float] = WeakKeyDictionary()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="samples", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def sample(self) -> None:
        """Record one point of each metric that is due."""
        for of in lives(self._cloud):
            shadow = of.routing.shadow
            for variant in (*of.routing.variants, *([shadow] if shadow else [])):
                self._variant(of, variant)
            for name, fleet in of.components.items():
                for copy in fleet.instances:
                    per_copy: Values = {"ConcurrentRequestsPerCopy": (copy.outstanding, "None")}
                    metrics.record(self._cloud, of.region, NAMESPACE, of_component(name), per_copy)
            if "AsyncInferenceConfig" in of.config:
                call = Call(self._cloud, "sagemaker-runtime", "", of.region, "")
                found = waiting(backlog.of(call, of.name), ready(of), time.time())
                one = (("EndpointName", of.name),)
                metrics.record(self._cloud, of.region, NAMESPACE, one, found)

    def _variant(self, of: Live, variant: Variant) -> None:  # type: ignore[type-arg]
        dimensions = dimension_set(of.name, variant.name)
        own = [instance for share in variant.shares for instance in share.fleet.instances]
        for instance in own:  # each has a copy of the model
            found: Values = {"ConcurrentRequestsPerModel": (float(instance.outstanding), "None")}
            metrics.record(self._cloud, of.region, NAMESPACE, dimensions, found)
        every = of.config.get("MetricsConfig", {}).get("MetricPublishFrequencyInSeconds", USED)
        for usage in self._usages(own, every):
            metrics.record(self._cloud, of.region, OF_INSTANCES, dimensions, used(usage))

    def _usages(self, of: list[Instance], every: float) -> Iterator[Usage]:
        """Yield what those instances use whose turn it is; the first look at one only begins it."""
        now = time.monotonic()
        for instance in of:
            if self._due.get(instance, 0.0) <= now and (usage := instance.usage()) is not None:
                self._due[instance] = now + every - EVERY / 2
                yield usage

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.sample()
            except Exception:
                log.exception("endpoints cannot be sampled")


def used(usage: Usage) -> Values:
    """Return an instance's use of its machine. Pure."""
    return {
        "CPUUtilization": (usage.cpu, "Percent"),
        "MemoryUtilization": (usage.memory, "Percent"),
        "DiskUtilization": (usage.disk, "Percent"),
    }


def waiting(of: Backlog, instances: int, now: float) -> Values:
    """Return what waits for an asynchronous endpoint with so many ready instances."""
    size, oldest = of.size, of.oldest
    return {
        "ApproximateBacklogSize": (float(size), "Count"),
        "ApproximateBacklogSizePerInstance": (size / max(1, instances), "Count"),
        "ApproximateAgeOfOldestRequest": (now - oldest if oldest else 0.0, "Seconds"),
        "HasBacklogWithoutCapacity": (float(size > 0 and not instances), "Count"),
    }
