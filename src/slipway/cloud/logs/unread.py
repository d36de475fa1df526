"""What has come into a log group since it was read: of files by their bytes, of the ground by its tokens."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from slipway.cloud import inside
from slipway.cloud.clock import CLOCK
from slipway.cloud.logs.streams import is_ours, streams
from slipway.cloud.service import Call
from slipway.jobs.log_reader import read

LINES = 10_000  # that are held at once

Event = tuple[float, str]  # epoch seconds, and the message
Places = dict[str, Any]  # by stream: up to where it was read


def ends(call: Call, group: str) -> Places:
    """Return where the last whole lines of a group's streams end."""
    if is_ours(call, {"logGroupName": group}):
        last = {stream.name: stream.edge(backwards=True) for stream in streams(call, group)}
        return {name: line.end for name, line in last.items() if line}
    logs = inside.client(call.cloud.ground, "logs", call.region)
    return {
        stream: logs.get_log_events(logGroupName=group, logStreamName=stream)["nextForwardToken"]
        for stream in on_the_ground(call, group)
    }


def unread(call: Call, group: str, places: Places) -> Iterator[tuple[str, list[Event], Any]]:
    """Yield the events that have come, a part of a stream at a time: its name, they, and their end."""
    if not is_ours(call, {"logGroupName": group}):
        yield from unread_on_the_ground(call, group, places)
        return
    for stream in streams(call, group):
        lines = read(stream.path, places.get(stream.name, 0))
        while part := list(islice(lines, LINES)):  # their times are the machine's
            events = [(line.time / 1000 + CLOCK.ahead, line.text) for line in part]
            yield stream.name, events, part[-1].end


def unread_on_the_ground(
    call: Call, group: str, places: Places
) -> Iterator[tuple[str, list[Event], Any]]:
    """Yield the same of a group that the ground has."""
    logs = inside.client(call.cloud.ground, "logs", call.region)
    for stream in on_the_ground(call, group):
        which, token = {"logGroupName": group, "logStreamName": stream}, places.get(stream)
        while True:
            more = {"nextToken": token} if token else {}
            page = logs.get_log_events(**which, startFromHead=True, **more)
            if not page["events"]:
                break
            token = page["nextForwardToken"]
            yield (
                stream,
                [(one["timestamp"] / 1000, one["message"]) for one in page["events"]],
                token,
            )


def on_the_ground(call: Call, group: str) -> list[str]:
    """Return the names of the streams that the ground has of a group, none of one that is not there."""
    logs = inside.client(call.cloud.ground, "logs", call.region)
    try:
        pages = list(logs.get_paginator("describe_log_streams").paginate(logGroupName=group))
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
