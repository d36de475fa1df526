"""CloudWatch Logs of jobs, endpoints and functions: their files, through the API. Other groups are the ground's."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from slipway.cloud.inside import pass_on
from slipway.cloud.logs import functions, metric_filters, query_definitions, subscriptions
from slipway.cloud.logs.coverage import COVERAGE
from slipway.cloud.logs.pages import pack, paged, unpack
from slipway.cloud.logs.patterns import compile_pattern
from slipway.cloud.logs.streams import (
    Stream,
    find,
    group_arn,
    group_of,
    groups,
    is_ours,
    stored,
    streams,
)
from slipway.cloud.service import Call, Operation, Service, ServiceError
from slipway.jobs.log_reader import Line, position_at, read, read_back

EVENTS = 10_000  # at most, in one answer
BYTES = 1 << 20  # likewise


def describe_log_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the groups of jobs, endpoints and functions together with the ground's."""
    asked = {k: v for k, v in request.items() if k not in ("nextToken", "limit")}
    found = list(own_groups(call, request))
    page = pass_on(call, asked)
    found += page["logGroups"]
    while page.get("nextToken"):
        page = pass_on(call, asked | {"nextToken": page["nextToken"]})
        found += page["logGroups"]
    both: dict[str, dict[str, Any]] = {}
    for group in found:  # what the ground knows of a group of ours: when it was made, its retention
        name = group["logGroupName"]
        both[name] = both.get(name, {}) | {k: v for k, v in group.items() if k != "storedBytes"}
        both[name].setdefault("storedBytes", group.get("storedBytes", 0))
    return paged("logGroups", "logGroupName", [both[name] for name in sorted(both)], request)


def own_groups(call: Call, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield our groups that a request asks for; a group is there from its first job or instance on."""
    for name, created in groups(call):
        arn = group_arn(call, name)
        wanted = name.startswith(request.get("logGroupNamePrefix", ""))
        wanted &= request.get("logGroupNamePattern", "").lower() in name.lower()
        if identifiers := request.get("logGroupIdentifiers"):
            wanted &= any(each in (name, arn, f"{arn}:*") for each in identifiers)
        wanted &= request.get("logGroupClass", "STANDARD") == "STANDARD"
        if wanted:
            yield {
                "logGroupName": name,
                "creationTime": int(created * 1000),
                "metricFilterCount": 0,
                "arn": f"{arn}:*",
                "logGroupArn": arn,
                "logGroupClass": "STANDARD",
                "storedBytes": sum(stream.size for stream in streams(call, name)),
            }


def describe_log_streams(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the streams of a group."""
    if not is_ours(call, request):
        return pass_on(call, request)
    group = group_of(request)
    by_time = request.get("orderBy") == "LastEventTime"
    if by_time and "logStreamNamePrefix" in request:
        text = "Cannot order by LastEventTime with a logStreamNamePrefix."
        raise ServiceError("InvalidParameterException", text)
    found = [
        described(call, group, stream)
        for stream in streams(call, group, request.get("logStreamNamePrefix", ""))
    ]
    key = "lastEventTimestamp" if by_time else "logStreamName"
    found.sort(
        key=lambda stream: (stream.get(key, 0), stream["logStreamName"]),
        reverse=request.get("descending", False),
    )
    return paged("logStreams", "logStreamName", found, request)


def delete_log_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a group, with the streams in it; what still runs and writes makes it again."""
    group = request["logGroupName"]
    ours = list(streams(call, group)) if is_ours(call, request) else []
    try:
        pass_on(call, request)
    except ServiceError as error:  # the ground need not know of a group of ours
        if not ours or error.code != "ResourceNotFoundException":
            raise
    for stream in ours:
        stream.path.unlink(missing_ok=True)
    functions.delete(call, group)
    metric_filters.forget(call, group)
    return {}


def described(call: Call, group: str, stream: Stream) -> dict[str, Any]:
    """Return the members of one stream."""
    found = {
        "logStreamName": stream.name,
        "creationTime": int(stream.created * 1000),
        "arn": f"{group_arn(call, group)}:log-stream:{stream.name}",
        "storedBytes": stream.size,
    }
    first, last = stream.edge(backwards=False), stream.edge(backwards=True)
    if first and last:
        found |= {
            "firstEventTimestamp": first.time,
            "lastEventTimestamp": last.time,
            "lastIngestionTime": last.time,
        }
    return found


def get_log_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return events of one stream from a token on, or from its beginning or end."""
    if not is_ours(call, request):
        return pass_on(call, request)
    path = find(call, group_of(request), request["logStreamName"]).path
    start = position_at(path, request.get("startTime", 0))
    end = position_at(path, request["endTime"]) if "endTime" in request else path.stat().st_size
    forwards, position = place(request.get("nextToken"))
    if position is None:
        forwards = request.get("startFromHead", False)
        position = start if forwards else end
    limit = request.get("limit", EVENTS)
    if forwards:
        position = max(position, start)
        lines = whole(line for line in read(path, position) if line.end <= end)
        found = list(islice(lines, limit))
    else:
        position = min(position, end)
        lines = whole(line for line in read_back(path, position) if line.start >= start)
        found = list(islice(lines, limit))[::-1]
    first = found[0].start if found else position
    last = found[-1].end if found else position
    return {
        "events": [event(line) for line in found],
        "nextForwardToken": f"f/{last:020d}/s",
        "nextBackwardToken": f"b/{first:020d}/s",
    }


def whole(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines until they fill an answer, at least one."""
    size = 0
    for line in lines:
        size += stored(line)
        if size > BYTES and size > stored(line):
            return
        yield line


def event(line: Line) -> dict[str, Any]:
    """Return a line as an event."""
    return {"timestamp": line.time, "message": line.text, "ingestionTime": line.time}


def place(token: str | None) -> tuple[bool, int | None]:
    """Return the direction and the position that a token of GetLogEvents means."""
    if token is None:
        return False, None
    direction, _, rest = token.partition("/")
    number = rest.removesuffix("/s")
    if direction not in ("f", "b") or not number.isdigit():
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    return direction == "f", int(number)


def filter_log_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the events of several streams that match a pattern, in the order of their times."""
    pattern = compile_pattern(request.get("filterPattern", ""))
    if not is_ours(call, request):
        answer = pass_on(call, {k: v for k, v in request.items() if k != "filterPattern"})
        wanted = [each for each in answer["events"] if pattern.match(each["message"])]
        return answer | {"events": wanted}
    group = group_of(request)
    if names := request.get("logStreamNames"):
        searched = [find(call, group, name) for name in names]
    else:
        searched = list(streams(call, group, request.get("logStreamNamePrefix", "")))
    positions = unpack(request["nextToken"]) if "nextToken" in request else {}
    start, end = request.get("startTime", 0), request.get("endTime", float("inf"))
    found: list[dict[str, Any]] = []
    size = 0
    for line, name in merged(searched, positions, start):
        if line.time >= end:
            break
        if len(found) == request.get("limit", EVENTS) or size > BYTES:
            return {"events": found, "searchedLogStreams": [], "nextToken": pack(positions)}
        positions[name] = line.end
        if pattern.match(line.text):
            size += stored(line)
            identity = f"{line.time:020d}{line.start:020d}{name}"
            found.append({"logStreamName": name, "eventId": identity, **event(line)})
    return {"events": found, "searchedLogStreams": []}


def merged(
    searched: list[Stream], positions: dict[str, int], start: int
) -> Iterator[tuple[Line, str]]:
    """Yield the lines of several streams in the order of their times.

    A stream's file is opened when its job's time has come, so thousands of streams are no matter.
    """
    heap: list[tuple[int, str, Line | None, Iterator[Line]]] = []
    for stream in searched:
        time = max(start, int(stream.created * 1000))
        heap.append((time, stream.name, None, lines_of(stream, positions, start)))
    heapq.heapify(heap)
    while heap:
        _, name, line, rest = heapq.heappop(heap)
        if line:
            yield line, name
        if following := next(rest, None):
            heapq.heappush(heap, (following.time, name, following, rest))


def lines_of(stream: Stream, positions: dict[str, int], start: int) -> Iterator[Line]:
    """Yield the lines of a stream from a position and a time on; nothing is read before the first."""
    yield from read(
        stream.path, max(positions.get(stream.name, 0), position_at(stream.path, start))
    )


OPERATIONS: dict[str, Operation] = {
    "DeleteLogGroup": delete_log_group,
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
    **metric_filters.OPERATIONS,
    **query_definitions.OPERATIONS,
    **subscriptions.OPERATIONS,
}

SERVICE = Service(
    "logs",
    OPERATIONS,
    {
        **COVERAGE,
        **metric_filters.COVERAGE,
        **query_definitions.COVERAGE,
        **subscriptions.COVERAGE,
    },
    start=metric_filters.start,
    invalid="InvalidParameterException",
)
