"""Callers of an endpoint who never wait for each other, and what each of them got."""

import itertools
import threading
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Got:
    """One caller's answer: what the model said, or the kind of error."""

    at: float  # when it was asked, time.monotonic()
    until: float  # when the answer was there
    said: str = ""
    error: str = ""


class Callers:
    """Calls at a rate from threads of their own, from `with` to its end."""

    def __init__(
        self,
        environ: dict[str, str],
        endpoint: str,
        rate: float,
        threads: int = 8,
        **request: Any,
    ) -> None:
        self.endpoint, self.rate = endpoint, rate
        self._request = {"EndpointName": endpoint, "Body": b"x"} | request
        self.got: list[Got] = []
        self._runtime = client(environ, "sagemaker-runtime")
        self._turn = itertools.count()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(threads)]

    def __enter__(self) -> "Callers":
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.got.sort(key=lambda got: got.at)

    def _call(self) -> None:
        while True:
            intended = self._begun + next(self._turn) / self.rate
            if self._over.wait(max(0.0, intended - time.monotonic())):
                return
            at = time.monotonic()
            said, error = "", ""
            try:
                answer = self._runtime.invoke_endpoint(**self._request)
                said = answer["Body"].read().decode()
            except ClientError as raised:
                status = raised.response.get("OriginalStatusCode", "")
                error = f"{raised.response['Error']['Code']} {status}".strip()
            except Exception as raised:  # no connection, for one
                error = type(raised).__name__
            self.got.append(Got(at, time.monotonic(), said, error))

    def errors(self) -> set[str]:
        """Return the kinds of errors that callers saw."""
        return {got.error for got in self.got if got.error}

    def said(self, since: float = 0.0, until: float = float("inf")) -> list[str]:
        """Return what models said to those who asked in a span of time."""
        return [got.said for got in self.got if got.said and since <= got.at <= until]


def client(environ: dict[str, str], service: str) -> Any:
    """Return a client without retries, of the cloud that an environment points at."""
    return boto3.client(
        service,
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        region_name=environ["AWS_DEFAULT_REGION"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
    )
