"""Messages of a queue as the event that a function gets, and what its answer says of them. Pure."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from slipway.cloud.eventbridge.patterns import Pattern, matches, parse

Message = Mapping[str, Any]


class BadAnswer(Exception):
    """An answer that does not say which messages failed."""


def event(messages: Sequence[Message], queue: str) -> dict[str, Any]:
    """Return the event of a batch of messages as SQS hands them out."""
    return {"Records": [record(message, queue) for message in messages]}


def record(message: Message, queue: str) -> dict[str, Any]:
    """Return one message as a function gets it."""
    found = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            name: attribute(said) for name, said in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": queue.split(":")[3],
    }
    if "MD5OfMessageAttributes" in message:
        found["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return found


def attribute(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attribute of a message as a function gets it."""
    found: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    if "StringValue" in said:
        found["stringValue"] = said["StringValue"]
    if "BinaryValue" in said:
        found["binaryValue"] = said["BinaryValue"].decode("latin-1")
    return found | {"dataType": said["DataType"]}


def patterns(criteria: Mapping[str, Any]) -> list[Pattern]:
    """Return the patterns of filter criteria; BadPattern."""
    return [parse(each.get("Pattern", "")) for each in criteria.get("Filters", [])]


def wanted(message: Message, queue: str, found: Sequence[Pattern]) -> bool:
    """Tell whether a message fits one of the patterns; a body in JSON is looked into."""
    if not found:
        return True
    said = record(message, queue)
    with suppress(ValueError):
        said["body"] = json.loads(message["Body"])
    return any(matches(pattern, said) for pattern in found)


def failed(payload: bytes, messages: Sequence[Message]) -> set[str]:
    """Return the ids of the messages that a function says it could not handle; BadAnswer."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError as error:
        raise BadAnswer("not JSON") from error
    if answer is None or answer == {}:
        return set()
    listed = answer.get("batchItemFailures", []) if isinstance(answer, dict) else "?"
    if listed is None:
        return set()
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise BadAnswer("batchItemFailures is not a list of objects")
    found = [each.get("itemIdentifier") for each in listed]
    known = {message["MessageId"] for message in messages}
    if not all(isinstance(each, str) and each in known for each in found):
        raise BadAnswer("an itemIdentifier is not the id of a message of the batch")
    return set(found)
