"""The platform as the demo meets it: the outputs of its stacks, the people who act, and what is waited for."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3

from slipway.cli import env
from slipway.cli.errors import Refused
from slipway.cli.local import Running
from slipway.cli.output import note

SLIPWAY = Path(sys.executable).parent / "slipway"
POLL = 0.5  # seconds
Found = TypeVar("Found")


def outputs(environment: str) -> dict[str, str]:
    """Return the outputs of all stacks of an environment, by name."""
    found: dict[str, str] = {}
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for page in pages for stack in page["Stacks"]):
        if stack["StackName"].startswith(f"slipway-{environment}-"):
            found |= {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
    return found


def acting_as(cloud: Running, role: str, session: str) -> dict[str, str]:
    """Return the environment of somebody who acts as a role under a name."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return kept | env.variables(cloud) | env.assumed(cloud, role, session)


def client(environ: Mapping[str, str], service: str) -> Any:
    """Return a client with the credentials of an environment."""
    session = boto3.Session(
        environ["AWS_ACCESS_KEY_ID"],
        environ["AWS_SECRET_ACCESS_KEY"],
        environ.get("AWS_SESSION_TOKEN"),
        environ["AWS_REGION"],
    )
    return session.client(service, endpoint_url=environ["AWS_ENDPOINT_URL"])


def slipway(environ: Mapping[str, str], *words: str) -> None:
    """Run a command of slipway as somebody; Refused where it refuses."""
    note(f"$ slipway {' '.join(words)}")
    ended = subprocess.run([SLIPWAY, *words], env=dict(environ), stdout=sys.stderr, check=False)
    if ended.returncode != 0:
        raise Refused(f"`slipway {words[0]}` ended with code {ended.returncode}, see above")


def wait_for(what: str, look: Callable[[], Found | None], within: float) -> Found:
    """Return what is there at last; Refused when it does not come within so many seconds."""
    end = time.monotonic() + within
    while (found := look()) is None:
        if time.monotonic() > end:
            raise Refused(
                f"expected {what} within {within:.0f} s, found none; see `slipway status` for the "
                "cloud's log, and the functions' logs with `aws logs tail`"
            )
        time.sleep(POLL)
    return found


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    started = time.monotonic()
    yield
    note(f"{what}: {time.monotonic() - started:.1f} s")
