"""The names of functions, as requests spell them, and their ARNs. Pure."""

import re
from dataclasses import dataclass

from slipway.cloud.awslambda.errors import invalid, not_found
from slipway.cloud.service import Call

LATEST = "$LATEST"
NAME = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?"
    r"([a-zA-Z0-9_.-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?"
)


@dataclass(frozen=True)
class Named:
    """What a request calls a function."""

    name: str
    qualifier: str = ""  # a version or an alias; "" where none is named


def named(call: Call, text: str, qualifier: str | None = None) -> Named:
    """Return what a name, a partial or a whole ARN means; ServiceError."""
    found = NAME.fullmatch(text)
    if not found:
        raise invalid(f"{text} is not the name of a function")
    region, account, name, within = found.groups()
    if region and region != call.region:
        text = f"Functions from '{region}' are not reachable in this region ('{call.region}')"
        raise not_found(text)
    if account and account != call.cloud.account:
        raise not_found(f"Function not found: {text}")
    if within and qualifier and within != qualifier:
        text = (
            "The derived qualifier from the function name does not match the specified qualifier."
        )
        raise invalid(text)
    return Named(name, qualifier or within or "")


def arn(call: Call, name: str, qualifier: str = "") -> str:
    """Return the ARN of a function, or of a version or alias of it."""
    found = f"arn:aws:lambda:{call.region}:{call.cloud.account}:function:{name}"
    return f"{found}:{qualifier}" if qualifier else found


def layer_arn(call: Call, name: str) -> str:
    """Return the ARN of a layer."""
    return f"arn:aws:lambda:{call.region}:{call.cloud.account}:layer:{name}"
