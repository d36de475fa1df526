"""What the instances of a transform job use of the machine, as CloudWatch metrics while it runs."""

import logging
import threading
from collections.abc import Callable, Sequence

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.hosting.instance import Instance
from slipway.hosting.transform.run import Run
from slipway.jobs.failure import Outcome
from slipway.jobs.run import Report

log = logging.getLogger(__name__)

NAMESPACE = "/aws/sagemaker/TransformJobs"
EVERY = 15.0  # seconds; AWS sends one point a minute, which short jobs here would never reach


class Measured:
    """A job on its way whose instances are looked at now and then."""

    def __init__(
        self, run: Run, cloud: Cloud, region: str, job: str, instances: Sequence[Instance]
    ) -> None:
        self._run = run
        self._cloud, self._region = cloud, region
        self._job, self._instances = job, instances
        self.stop: Callable[[], None] = run.stop
        self.kill: Callable[[], None] = run.kill

    def execute(self, report: Report) -> Outcome | None:
        """Run the job and return how it ended, as `Run.execute`."""
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(over,), daemon=True)
        looking.start()
        try:
            return self._run.execute(report)
        finally:
            over.set()
            looking.join()

    def _look(self, over: threading.Event) -> None:
        while not over.wait(EVERY):
            try:
                self.sample()
            except Exception:
                log.exception("transform job %s cannot be measured", self._job)

    def sample(self) -> None:
        """Record one point for each instance; the first look at an instance only begins it."""
        for instance in self._instances:
            if usage := instance.usage():
                host = (("Host", f"{self._job}/{instance.server.host}"),)
                values = {
                    "CPUUtilization": (usage.cpu, "Percent"),
                    "MemoryUtilization": (usage.memory, "Percent"),
                }
                metrics.record(self._cloud, self._region, NAMESPACE, host, values)
