"""Subscription filters: the ground keeps them, but for functions, to which it has no way."""

from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.inside import pass_on
from slipway.cloud.service import Call, Operation, ServiceError


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a filter, unless a function shall get the lines (PutSubscriptionFilter)."""
    if request["destinationArn"].split(":")[2:3] == ["lambda"]:
        raise ServiceError(
            "InvalidParameterException",
            "The local cloud sends no lines of logs to functions. Count them with a metric filter and let "
            f"its alarm invoke {request['destinationArn']}, or let the function ask FilterLogEvents.",
        )
    return pass_on(call, request)


OPERATIONS: dict[str, Operation] = {"PutSubscriptionFilter": put}
COVERAGE = {
    "PutSubscriptionFilter": Coverage(
        limited={"destinationArn": "a function is refused: it gets no lines of logs"}
    )
}
