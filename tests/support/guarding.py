"""Policies in a line, and what a refusal said."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
]}  # fmt: skip


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


def refused(call, *args, **kwargs):
    """Return (code, message, HTTP status) of a refusal."""
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    found = caught.value.response
    return (
        found["Error"]["Code"],
        found["Error"].get("Message", ""),
        found["ResponseMetadata"]["HTTPStatusCode"],
    )


def new(prefix="guarded"):
    """Return a name that nothing has."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
