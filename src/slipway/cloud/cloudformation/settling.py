"""Waiting for a resource: until it is what it shall be, and until it is gone."""

import re
import time
from collections.abc import Callable
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from slipway.cloud.cloudformation.resource import Failed

GONE = re.compile(
    r"not.?found|nosuch|nonexist|doesnotexist|notattached|unknown|^404$|^InvalidDocument$",
    re.IGNORECASE,
)
# SageMaker's older operations have no code of their own for it.
SAID_SO = re.compile(r"could not find|cannot find|does not exist|RecordNotFound", re.IGNORECASE)
PATIENCE = 600  # seconds until a resource that is not stable has failed
PAUSE = 0.1  # seconds between two looks at it


def gone(error: ClientError) -> bool:
    """Tell whether an API says that a resource does not exist."""
    found = error.response["Error"]
    if found["Code"] == "ValidationException":
        return bool(SAID_SO.search(found["Message"]))
    return bool(GONE.search(found["Code"]))


def gently(call: Callable[..., Any], **request: Any) -> Any:
    """Call an operation that takes something away; what is gone already is done."""
    try:
        return call(**request)
    except ClientError as error:
        if not gone(error):
            raise
        return None


def insisted(call: Callable[[], Any], passing: str, patience: int) -> Any:
    """Call until it succeeds, as long as the error's code is one that passes by itself; "" for none."""
    end = time.monotonic() + patience
    while True:
        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] != passing or time.monotonic() > end:
                raise
        time.sleep(PAUSE)


def settled(look: Callable[[], Any], stable: str, failed: str, patience: int = PATIENCE) -> Any:
    """Return a resource when it is stable.

    Args:
        look: Returns the resource.
        stable: JMESPath: whether it is what it shall be; "" for one that always is.
        failed: JMESPath: why it will never be, if so.
        patience: Seconds.

    Raises:
        Failed: It never will be stable, or is not in time.
    """
    end = time.monotonic() + patience
    while True:
        found = look()
        if not stable or jmespath.search(stable, found):
            return found
        if failed and (reason := jmespath.search(failed, found)):
            raise Failed(str(reason))
        if time.monotonic() > end:
            raise Failed(f"did not become stable within {patience} seconds: {found}")
        time.sleep(PAUSE)


def vanished(look: Callable[[], Any], patience: int = PATIENCE) -> None:
    """Return when a resource is gone; Failed when it is not in time."""
    end = time.monotonic() + patience
    while look() is not None:
        if time.monotonic() > end:
            raise Failed(f"was not gone within {patience} seconds")
        time.sleep(PAUSE)
