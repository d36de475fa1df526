"""What is said of a model server that cannot be used, in AWS's words. Pure."""

from collections.abc import Mapping, Sequence

LONGEST = 1024  # characters of a FailureReason

TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container {name}. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
EXITED = "An error occurred while handling request as the model process exited."
HEADERS = (
    "Response received from the {name} container has headers with length greater than 4096 bytes. "
    "Reduce the length of your container's response headers and update your endpoint."
)
PING = (
    "The {name} container for production variant {variant} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


def not_started(variant: str, reasons: Mapping[str, str], logs: Mapping[str, Sequence[str]]) -> str:
    """Return the FailureReason of a start: every container that failed, then what its log says last.

    `reasons` has what is known besides the failed pings, by container; "" for nothing. As many of
    the logs' last lines follow as there is room for.
    """
    text = " ".join(
        PING.format(name=name, variant=variant) + (f" {reason}" if reason else "")
        for name, reason in reasons.items()
    )[:LONGEST]
    for name in reasons:
        where = " Last lines of its log:" if len(reasons) == 1 else f" Last lines of {name}'s log:"
        kept: list[str] = []
        left = LONGEST - len(text) - len(where)
        for line in reversed(logs.get(name, ())):
            line = line[:left]  # the end of a log says most, the beginning of a line does
            if left < 2 or not line:
                break
            kept.insert(0, line[: left - 1])
            left -= len(kept[0]) + 1
        if kept:
            text += where + "".join(f"\n{line}" for line in kept)
    return text
