"""The AWS API, on whichever side the environment points at."""

from collections.abc import Iterator
from typing import Any


def client(service: str) -> Any:
    """Return a boto3 client; boto3 is loaded when the first one is wanted."""
    import boto3

    return boto3.client(service)


def pages(api: Any, operation: str, member: str, **request: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of every page that a List operation returns."""
    for page in api.get_paginator(operation).paginate(**request):
        yield from page.get(member, ())
