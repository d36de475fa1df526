"""One invocation: a place, an environment, the event in it, and what comes of it."""

import base64
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from slipway.cloud import credentials
from slipway.cloud.awslambda import code, layers, pool, reports
from slipway.cloud.awslambda.environment import Died, Environment, Files, Late, Said, places
from slipway.cloud.awslambda.pool import Key
from slipway.cloud.awslambda.reports import Report
from slipway.cloud.awslambda.settings import settings
from slipway.cloud.awslambda.variables import variables
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.logs import functions as logs
from slipway.cloud.service import Call
from slipway.jobs import probe
from slipway.jobs.settings import Settings as Limits

NAMESPACE = "AWS/Lambda"
ANSWER = 6_291_556  # bytes of a function's answer
PYTHON = "python3."  # the runtimes that there are


@dataclass(frozen=True)
class Event:
    """What is to be handed to a function."""

    payload: bytes
    arn: str  # by which the function was called
    request_id: str
    client: Mapping[str, Any] | None = None  # of a mobile SDK


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation."""

    payload: bytes
    error: bool
    version: str
    log: bytes = b""  # the end of what was logged

    @property
    def tail(self) -> str:
        """The end of the log as Lambda's answers have it."""
        return base64.b64encode(self.log).decode()


def run(call: Call, config: Mapping[str, Any], event: Event) -> Outcome:
    """Run a function whose place was taken, and give the place back."""
    began = time.monotonic()
    try:
        if not config["Runtime"].startswith(PYTHON):
            return without_runtime(config)
        outcome, seconds = invoked(call, config, event)
    finally:
        pool.leave(call.cloud, call.region, config["FunctionName"])
    duration = 1000 * (seconds if seconds is not None else time.monotonic() - began)
    found = {"Errors": (float(outcome.error), "Count"), "Duration": (duration, "Milliseconds")}
    measure(call, event.arn, found | {"Invocations": (1.0, "Count")})
    return outcome


def measure(call: Call, arn: str, found: Mapping[str, tuple[float, str]]) -> None:
    """Record metrics of a function: of it, of its version or alias, and of all functions."""
    name, _, qualifier = arn.split(":function:")[1].partition(":")
    resource = f"{name}:{qualifier}" if qualifier else name
    of = (("FunctionName", name),)
    for dimensions in ((), of, (*of, ("Resource", resource))):
        metrics.record(call.cloud, call.region, NAMESPACE, dimensions, found)


def without_runtime(config: Mapping[str, Any]) -> Outcome:
    """Return the answer of a function whose runtime is not here."""
    text = (
        f"The local cloud runs functions in Python; {config['FunctionName']} has the runtime "
        f"{config['Runtime']}. Write it in Python, or run it on AWS."
    )
    return Outcome(document("Runtime.NotSupported", text), True, config["Version"])


def document(kind: str, message: str) -> bytes:
    """Return an error that the platform tells, not the function."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def invoked(call: Call, config: Mapping[str, Any], event: Event) -> tuple[Outcome, float | None]:
    """Return what a function says to an event, and the seconds that it took."""
    key = Key(call.region, config["FunctionName"], config["Version"], config["RevisionId"])
    began = time.monotonic()
    environment, is_new = pool.take(call.cloud, key, lambda: made(call, config))
    usable = False
    try:
        environment.tail = b""
        as_json = config["LoggingConfig"]["LogFormat"] == "JSON"
        attempt = Attempt(environment, config, event, as_json)
        init = None
        said: Said | None = None
        if is_new:
            said = attempt.start(began)
            init = time.monotonic() - began
        environment.say(reports.start(event.request_id, config["Version"], as_json))
        outcome = attempt.finish(said) if said else attempt.call()
        usable = attempt.usable
        environment.say(*reports.end(replace(attempt.report, init=init), as_json))
        return replace(outcome, log=environment.tail), attempt.report.seconds
    finally:
        pool.give_back(call.cloud, environment, usable)


class Attempt:
    """An event in an environment."""

    def __init__(
        self, environment: Environment, config: Mapping[str, Any], event: Event, as_json: bool
    ) -> None:
        self._environment = environment
        self._config, self._event, self._json = config, event, as_json
        self.usable = False  # the environment may take another event
        self.report = Report(
            event.request_id, config["Version"], "error", 0.0, config["MemorySize"], 0, None
        )

    def start(self, began: float) -> Said | None:
        """Wait until the handler is imported; return what is wrong with it, or None."""
        self._environment.say(reports.init(self._config["Runtime"], self._json))
        until = began + settings().init + self._config["Timeout"]
        try:
            said = self._environment.await_ready(until)
        except Late:
            return Said({"late": True}, b"")
        except Died as died:
            return Said({"died": died.ended}, b"")
        return None if said.header.get("ready") else said

    def call(self) -> Outcome:
        """Hand the event over and wait for the answer, as long as the function may run."""
        event, timeout = self._event, self._config["Timeout"]
        trace = f"Root=1-{int(time.time()):x}-{secrets.token_hex(12)};Sampled=0"
        header: dict[str, Any] = {"id": event.request_id, "arn": event.arn, "seconds": timeout}
        header |= {"client": event.client, "trace": trace}
        began = time.monotonic()
        try:
            said = self._environment.ask(header, event.payload, began + timeout)
            self.usable = True
        except Late:
            said = Said({"late": True}, b"")
        except Died as died:
            said = Said({"died": died.ended}, b"")
        self.report = replace(self.report, seconds=time.monotonic() - began)
        return self.finish(said)

    def finish(self, said: Said) -> Outcome:
        """Return what an answer means."""
        header = said.header
        self.report = replace(self.report, used=header.get("memory", 0))
        if header.get("late"):
            return self._timed_out()
        if "died" in header:
            return self._died(header["died"].code, header["died"].why)
        if len(said.payload) > ANSWER:
            text = f"Response payload size exceeded maximum allowed payload size ({ANSWER} bytes)."
            return self._failed("Function.ResponseSizeTooLarge", text)
        if not header["error"]:
            self.report = replace(self.report, status="success")
        return Outcome(said.payload, header["error"], self._config["Version"])

    def _timed_out(self) -> Outcome:
        timeout, request = self._config["Timeout"], self._event.request_id
        text = f"Task timed out after {timeout:.2f} seconds"
        self._environment.say(f"{reports.stamp()} {request} {text}\n".rstrip())
        self.report = replace(self.report, status="timeout", seconds=float(timeout))
        return self._failed("Sandbox.Timedout", f"RequestId: {request} Error: {text}")

    def _died(self, code: int | None, why: str) -> Outcome:
        kind, text = "Runtime.ExitError", "Runtime exited without providing a reason"
        if why == "memory":
            kind, text = "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"
        elif code is not None and code > 128:
            text = f"Runtime exited with error: signal: {SIGNALS.get(code - 128, code - 128)}"
        elif code:
            text = f"Runtime exited with error: exit status {code}"
        request = self._event.request_id
        self._environment.say(f"RequestId: {request} Error: {text}", kind)
        return self._failed(kind, f"RequestId: {request} Error: {text}")

    def _failed(self, kind: str, text: str) -> Outcome:
        return Outcome(document(kind, text), True, self._config["Version"])


SIGNALS = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}


def made(call: Call, config: Mapping[str, Any]) -> Environment:
    """Start an environment of a function."""
    cloud, number = call.cloud, secrets.token_hex(16)
    stream = datetime.now(UTC).strftime("%Y/%m/%d/") + f"[{config['Version']}]{number}"
    group = config["LoggingConfig"]["LogGroup"]
    files = Files(
        task=code.unpacked(cloud, config["Digest"]),
        runtime=code.runtime(cloud),
        opt=code.merged(cloud, layers.digests(call, config)),
        place=code.home(cloud) / "environments" / number,
        log=logs.opened(call, group) / f"{stream}.log",
    )
    sandbox = probe.find(cloud.home / "jobs")
    limits = replace(Limits.of(os.environ), memory=config["MemorySize"] << 20, grace=0)
    subnets = tuple(config.get("VpcConfig", {}).get("SubnetIds", ()))
    role = credentials.for_role(
        cloud, call.region, config["Role"], config["FunctionName"], subnets=subnets
    )
    found = variables(config, call.region, cloud.endpoint, role, stream, places(files, sandbox))
    return Environment(files, sandbox, limits, found)
