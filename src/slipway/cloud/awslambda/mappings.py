"""Event source mappings: which queue calls which function, and how."""

import uuid
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.awslambda import poller, sqs_events
from slipway.cloud.awslambda.errors import conflict, invalid, not_found
from slipway.cloud.awslambda.names import arn, named
from slipway.cloud.awslambda.store import find, paged, version
from slipway.cloud.clock import now
from slipway.cloud.eventbridge.pattern_tests import BadPattern
from slipway.cloud.service import Call, Operation
from slipway.cloud.state import Documents

KIND = poller.KIND
DEFAULTS = {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}
MEMBERS = (*DEFAULTS, "ScalingConfig", "FilterCriteria", "KMSKeyArn", "MetricsConfig")
AT_ONCE = 10  # messages of a batch without a window, and of a batch of a FIFO queue


def documents(call: Call) -> Documents:
    """Return the mappings of the call's region."""
    return call.cloud.state.documents(call.region, KIND)


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a queue call a function (CreateEventSourceMapping)."""
    source = request.get("EventSourceArn", "")
    if source.split(":")[2:3] != ["sqs"]:
        what = source or "a source without EventSourceArn"
        raise invalid(f"The local cloud reads events from SQS queues, not from {what}.")
    target = named(call, request["FunctionName"])
    config = version(call, find(call, target), target)
    check_queue(call, source, config["Timeout"])
    number = str(uuid.uuid4())
    function = arn(call, target.name, target.qualifier)
    document: dict[str, Any] = {
        "UUID": number,
        "EventSourceArn": source,
        "FunctionArn": function,
        "EventSourceMappingArn": (
            f"arn:aws:lambda:{call.region}:{call.cloud.account}:event-source-mapping:{number}"
        ),
        "State": "Enabled" if request.get("Enabled", True) else "Disabled",
        "LastProcessingResult": "No records processed",
        **DEFAULTS,
    }
    document = changed(document, request)
    document["Tags"] = request.get("Tags", {})
    with call.cloud.state.transaction():
        for _, other in documents(call).all():
            if (other["EventSourceArn"], other["FunctionArn"]) == (source, function):
                raise conflict(
                    f'An event source mapping with SQS arn (" {source} ") and function (" {target.name} ")'
                    " already exists. Please update or delete the existing mapping with UUID "
                    f"{other['UUID']}"
                )
        documents(call).create(number, document)
    poller.changed(call.cloud, call.region, number)
    return answered(document) | {"State": "Creating"}


def check_queue(call: Call, source: str, timeout: int) -> None:
    """Refuse a queue that is not there, or gives messages out again too soon; ServiceError."""
    region, account, name = source.split(":")[3:6]
    sqs = inside.client(call.cloud.ground, "sqs", region)
    url = f"http://localhost/{account}/{name}"
    try:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    except ClientError as error:
        said = error.response["Error"]
        text = f"SQS Error Code: {said['Code']}. SQS Error Message: {said['Message']}"
        raise invalid(f"Error occurred while ReceiveMessage. {text}") from error
    visibility = int(found["Attributes"]["VisibilityTimeout"])
    if visibility < timeout:
        raise invalid(
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} "
            "seconds"
        )


def changed(document: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with what a request asks for; ServiceError."""
    found = document | {member: request[member] for member in MEMBERS if member in request}
    if found["BatchSize"] > AT_ONCE and found["EventSourceArn"].endswith(".fifo"):
        raise invalid(f"BatchSize of a FIFO queue is at most {AT_ONCE}")
    if found["BatchSize"] > AT_ONCE and not found["MaximumBatchingWindowInSeconds"]:
        raise invalid(
            f"Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
            f"than {AT_ONCE}"
        )
    if found["MaximumBatchingWindowInSeconds"] and found["EventSourceArn"].endswith(".fifo"):
        raise invalid("Batching window is not supported for FIFO queues")
    try:
        sqs_events.patterns(found.get("FilterCriteria", {}))
    except BadPattern as error:
        raise invalid(f"Invalid filter pattern definition. {error}") from error
    if "Enabled" in request:
        found["State"] = "Enabled" if request["Enabled"] else "Disabled"
    for member in ("ScalingConfig", "FilterCriteria", "KMSKeyArn"):
        if not found.get(member):
            found.pop(member, None)
    return found | {"LastModified": now(), "StateTransitionReason": "USER_INITIATED"}


def answered(document: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping as answers have it."""
    found = {name: value for name, value in document.items() if name != "Tags"}
    return found | {"LastModified": datetime.fromtimestamp(document["LastModified"], UTC)}


def existing(call: Call, number: str) -> dict[str, Any]:
    """Return a mapping; ServiceError."""
    if (found := documents(call).get(number)) is None:
        raise not_found("The resource you requested does not exist.")
    return found


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping (GetEventSourceMapping)."""
    return answered(existing(call, request["UUID"]))


def list_all(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the mappings of a queue, of a function, or all (ListEventSourceMappings)."""
    wanted = {}
    if "EventSourceArn" in request:
        wanted["EventSourceArn"] = request["EventSourceArn"]
    if "FunctionName" in request:
        target = named(call, request["FunctionName"])
        wanted["FunctionArn"] = arn(call, target.name, target.qualifier)
    found = [
        answered(document)
        for _, document in documents(call).all()
        if all(document[member] == value for member, value in wanted.items())
    ]
    return paged(found, "EventSourceMappings", request)


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a mapping (UpdateEventSourceMapping)."""
    with call.cloud.state.transaction():
        document = changed(existing(call, request["UUID"]), request)
        if "FunctionName" in request:
            target = named(call, request["FunctionName"])
            version(call, find(call, target), target)
            document["FunctionArn"] = arn(call, target.name, target.qualifier)
        documents(call).replace(request["UUID"], document)
    poller.changed(call.cloud, call.region, request["UUID"])
    return answered(document) | {"State": "Updating"}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a queue call a function no more (DeleteEventSourceMapping)."""
    with call.cloud.state.transaction():
        document = existing(call, request["UUID"])
        documents(call).delete(request["UUID"])
    poller.changed(call.cloud, call.region, request["UUID"])
    return answered(document) | {"State": "Deleting"}


OPERATIONS: dict[str, Operation] = {
    "CreateEventSourceMapping": create,
    "GetEventSourceMapping": get,
    "ListEventSourceMappings": list_all,
    "UpdateEventSourceMapping": update,
    "DeleteEventSourceMapping": delete,
}
