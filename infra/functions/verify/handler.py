"""Test what staging serves once it is in service: a few requests, then load; then it waits for production.

The evidence goes into the package's trail and its ModelLifeCycle. A model that fails is rejected.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.functions import audit
from infra.functions.audit import Step
from infra.functions.hosting import SETTLED, VERIFIED, Hosting, release_name
from infra.functions.registry import Package, Registry, myself
from infra.functions.verify import trial
from infra.functions.verify.trial import Answer, Limits

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
LINES = "application/jsonlines"


@dataclass(frozen=True)
class Probe:
    """How an endpoint is tested."""

    lines: tuple[str, ...]  # requests in JSON Lines
    labels: tuple[int, ...]  # that a prediction may have
    seconds: float
    callers: int
    limits: Limits

    @staticmethod
    def from_environment(of: Mapping[str, str]) -> "Probe":
        """Return the test that a function's environment describes."""
        return Probe(
            tuple(of["SMOKE_LINES"].splitlines()),
            tuple(int(each) for each in of["LABELS"].split(",")),
            float(of["LOAD_SECONDS"]),
            int(of["LOAD_CALLERS"]),
            Limits(float(of["MAX_ERRORS"]), float(of["MAX_P95_MS"]), int(of["MIN_REQUESTS"])),
        )


class Verify:
    """What is done when staging has changed its status."""

    def __init__(self, sagemaker: Any, runtime: Any, endpoint: str, test: Probe) -> None:
        self._registry = Registry(sagemaker)
        self._hosting = Hosting(sagemaker)
        self._runtime = runtime
        self._endpoint = endpoint
        self._test = test

    def changed(self) -> None:
        """Test the release that was sent to staging last, if it has arrived and was not tested yet."""
        now = self._hosting.endpoint(self._endpoint)
        if now is None or now["EndpointStatus"] not in SETTLED:
            return
        config = self._hosting.sent(now, self._hosting.tags(now["EndpointArn"]))
        arn = self._hosting.package_of(config) if config else ""
        if not arn:
            return  # nothing of ours
        package = self._registry.package(arn)
        if config != release_name(self._endpoint, package):
            return  # it was rejected since, and approved again: another release is on its way
        steps = audit.since_end(package.properties)
        if package.approval != "Approved" or audit.has(steps, "Verified"):
            return
        if now["EndpointStatus"] == "Failed" or now["EndpointConfigName"] != config:
            why = now.get("FailureReason", "no reason was given")
            self.refuse(package, f"{config} did not come into service in staging: {why}")
            return
        said, problem = self.tested()
        after = self._hosting.endpoint(self._endpoint) or {}
        if after.get("EndpointConfigName") != config or after["EndpointStatus"] != "InService":
            log.info("%s changed during the test of %s", self._endpoint, package.title)
            return  # the change sends an event of its own
        package = self._registry.package(package.arn)
        steps = audit.since_end(package.properties)
        if package.approval != "Approved" or audit.has(steps, "Verified"):
            return  # decided meanwhile, by a person or by another delivery of the event
        if problem:
            self.refuse(package, f"{problem}; {said}" if said else problem)
            return
        model = self._hosting.model(config)
        assert model is not None  # noqa: S101 - its package was read from it
        self._hosting.tag(model["ModelArn"], {VERIFIED: audit.plain(said)})
        self._registry.record(
            package,
            Step("Verified", myself(), said),
            stage=("Production", "PendingApproval", said),
        )
        log.info("%s is verified: %s", package.title, said)

    def refuse(self, package: Package, why: str) -> None:
        """Reject a package that failed in staging."""
        self._registry.record(
            package,
            Step("Refused", myself(), why),
            approval=("Rejected", why),
            stage=("Staging", "Failed", why),
        )
        log.warning("%s was refused: %s", package.title, why)

    def tested(self) -> tuple[str, str]:
        """Return the figures of the test, and what is wrong, "" when nothing is."""
        test = self._test
        status, body, _ = self.ask("\n".join(test.lines) + "\n")
        if problem := trial.smoke_problems(test.lines, status, body, test.labels):
            return "", f"smoke test: {problem}"
        answers = load(lambda line: self.ask(line), test.lines, test.callers, test.seconds)
        said = trial.report(answers, test.callers, test.seconds)
        problem = trial.load_problems(answers, test.limits)
        return said, f"load test: {problem}" if problem else ""

    def ask(self, lines: str) -> tuple[int, str, float]:
        """Return status, body and ms of one request."""
        begun = time.monotonic()
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint, ContentType=LINES, Accept=LINES, Body=lines.encode()
            )
            status, body = 200, answer["Body"].read().decode()
        except ClientError as error:
            status, body = error.response["ResponseMetadata"]["HTTPStatusCode"], str(error)
        except BotoCoreError as error:  # no answer in time
            status, body = 0, str(error)
        return status, body, (time.monotonic() - begun) * 1000


def load(
    ask: Callable[[str], tuple[int, str, float]],
    lines: Sequence[str],
    callers: int,
    seconds: float,
) -> list[Answer]:
    """Return the answers that callers get who ask one request after the other for some seconds."""
    end = time.monotonic() + seconds

    def caller(number: int) -> list[Answer]:
        mine: list[Answer] = []
        while not mine or time.monotonic() < end:  # one at least, however late a caller begins
            status, _, ms = ask(lines[(number + len(mine)) % len(lines)] + "\n")
            mine.append(Answer(status == 200, ms))
        return mine

    with ThreadPoolExecutor(callers) as pool:
        return [each for mine in pool.map(caller, range(callers)) for each in mine]


def handle(event: dict[str, Any], context: Any) -> None:
    """Take an event `SageMaker Endpoint State Change` of staging (AWS Lambda)."""
    test = Probe.from_environment(os.environ)
    # An answer that was lost is a finding, not something to ask for again.
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=64)
    runtime = boto3.client("sagemaker-runtime", config=config)
    Verify(boto3.client("sagemaker"), runtime, os.environ["ENDPOINT_NAME"], test).changed()
