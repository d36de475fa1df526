"""Requests to an endpoint at a rate of their own: none waits for the answer to another."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.cli.load_figures import Sent, Step, step_of

TIMEOUT = 70  # seconds; AWS's own limit for an answer is 60


@dataclass(frozen=True)
class Payload:
    """What is sent."""

    body: bytes
    content_type: str


Send = Callable[[Payload], str]  # returns the kind of error, "" where there is none


def sender(endpoint: str, connections: int, variant: str | None, accept: str | None) -> Send:
    """Return what sends one request by the AWS API and says how it ended."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError, HTTPClientError

    config = Config(
        max_pool_connections=connections,
        retries={"total_max_attempts": 1},  # a retry would hide an error
        read_timeout=TIMEOUT,
    )
    runtime = boto3.client("sagemaker-runtime", config=config)
    extra: dict[str, str] = {"TargetVariant": variant} if variant else {}
    extra |= {"Accept": accept} if accept else {}

    def send(payload: Payload) -> str:
        try:
            answer = runtime.invoke_endpoint(
                EndpointName=endpoint,
                Body=payload.body,
                ContentType=payload.content_type,
                **extra,
            )
            answer["Body"].read()
        except ClientError as error:
            code: str = error.response["Error"]["Code"]
            status = error.response.get("OriginalStatusCode")
            return f"{code} {status}" if status is not None else code
        except HTTPClientError as error:  # no connection, no answer, broken off
            return type(error).__name__
        return ""

    return send


def run(send: Send, payloads: Sequence[Payload], rate: float, seconds: float, workers: int) -> Step:
    """Send requests evenly at a rate (1/s) for so long, over so many connections at most."""
    total = max(1, round(rate * seconds))
    turn = itertools.count()
    found: list[list[Sent]] = [[] for _ in range(min(workers, total))]
    begun = time.perf_counter() + 0.05  # so that every worker is there for its first request
    spent = time.process_time()

    def work(mine: list[Sent]) -> None:
        while (index := next(turn)) < total:
            intended = begun + index / rate
            if (early := intended - time.perf_counter()) > 0:
                time.sleep(early)
            error = send(payloads[index % len(payloads)])
            mine.append(Sent(intended, time.perf_counter(), error))

    threads = [threading.Thread(target=work, args=(mine,), daemon=True) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    return step_of(rate, list(itertools.chain(*found)), (time.process_time() - spent) / took)


def describe(step: Step) -> dict[str, Any]:
    """Return a step as a document."""
    return {
        "Rate": step.rate,
        "AnsweredPerSecond": step.answered,
        "Requests": step.requests,
        "Seconds": step.seconds,
        "LatencyMs": {f"p{p:g}": value for p, value in step.percentiles.items()},
        "Errors": dict(step.errors),
    }
