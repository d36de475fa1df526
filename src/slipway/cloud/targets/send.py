"""Send something to a target as AWS does: by its resource policy, or as a role."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud import api
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.targets.permits import credentials, permit
from slipway.cloud.targets.refusals import Undelivered, of_client


@dataclass(frozen=True)
class Sending:
    """One attempt to send."""

    arn: str  # the target
    body: str
    principal: str  # the service that sends: "events.amazonaws.com"
    source: str  # the ARN of the rule, schedule, topic or alarm in whose name
    token: str  # the same in all attempts: a pipeline is started once
    role: str = ""  # as which to call; "" where the target's policy must allow it
    group: str = ""  # of a FIFO queue or topic
    parameters: tuple[tuple[str, str], ...] = ()  # of a pipeline

    @property
    def region(self) -> str:
        """Return the target's region."""
        return self.arn.split(":")[3]

    @property
    def name(self) -> str:
        """Return the target's name, which is the last part of its ARN."""
        return self.arn.rpartition(":")[2].rpartition("/")[2]


def kind_of(arn: str) -> str:
    """Return what an ARN is of: "function", "queue", "topic", "pipeline", "log-group", "event-bus", or ""."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    service, resource = parts[2], parts[5]
    for kind, (of, prefix) in KINDS.items():
        if service == of and resource.startswith(prefix) and len(resource) > len(prefix):
            return kind
    return ""


KINDS = {
    "function": ("lambda", "function:"),
    "queue": ("sqs", ""),
    "topic": ("sns", ""),
    "pipeline": ("sagemaker", "pipeline/"),
    "log-group": ("logs", "log-group:"),
    "event-bus": ("events", "event-bus/"),
}


def send(cloud: Cloud, sending: Sending) -> None:
    """Send; Undelivered says why that is not possible, and whether to try again."""
    try:
        SENDERS[kind_of(sending.arn)](cloud, sending)
    except ClientError as error:
        raise of_client(error) from error
    except BotoCoreError as error:
        raise Undelivered("CONNECTION_FAILURE", str(error), again=True) from error


def client(cloud: Cloud, service: str, sending: Sending) -> Any:
    """Return a client of the target's service, that of the role where there is one."""
    if not sending.role:
        return api.client(cloud, service, sending.region)
    of = credentials(cloud, sending.region, sending.role, sending.principal, sending.source)
    return api.client(cloud, service, sending.region, of)


def to_function(cloud: Cloud, sending: Sending) -> None:
    """Invoke a function asynchronously."""
    if not sending.role:
        permit(cloud, sending.arn, "lambda:InvokeFunction", sending.principal, sending.source)
    client(cloud, "lambda", sending).invoke(
        FunctionName=sending.arn, InvocationType="Event", Payload=sending.body.encode()
    )


def to_queue(cloud: Cloud, sending: Sending, attributes: Mapping[str, Any] | None = None) -> None:
    """Send a message."""
    if not sending.role:
        permit(cloud, sending.arn, "sqs:SendMessage", sending.principal, sending.source)
    request: dict[str, Any] = {"QueueUrl": url_of(cloud, sending.arn), "MessageBody": sending.body}
    if sending.group:
        request["MessageGroupId"] = sending.group
    if attributes:
        request["MessageAttributes"] = attributes
    client(cloud, "sqs", sending).send_message(**request)


def url_of(cloud: Cloud, arn: str) -> str:
    """Return the URL of a queue."""
    *_, account, name = arn.split(":")
    return f"{cloud.endpoint}/{account}/{name}"


def to_topic(cloud: Cloud, sending: Sending) -> None:
    """Publish a message."""
    if not sending.role:
        permit(cloud, sending.arn, "sns:Publish", sending.principal, sending.source)
    group = {"MessageGroupId": sending.group} if sending.group else {}
    client(cloud, "sns", sending).publish(TopicArn=sending.arn, Message=sending.body, **group)


def to_pipeline(cloud: Cloud, sending: Sending) -> None:
    """Start an execution, with parameters; once, however often it is tried."""
    parameters = [{"Name": name, "Value": value} for name, value in sending.parameters]
    client(cloud, "sagemaker", sending).start_pipeline_execution(
        PipelineName=sending.name,
        PipelineParameters=parameters,
        ClientRequestToken=sha256(sending.token.encode()).hexdigest()[:64],
    )


def to_log_group(cloud: Cloud, sending: Sending) -> None:
    """Write a log event, into a stream for each source."""
    group = sending.arn.removesuffix(":*")
    stream = sha256(sending.source.encode()).hexdigest()[:32]
    if not sending.role:
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            permit(cloud, f"{group}:log-stream:{stream}", action, sending.principal, sending.source)
    logs = client(cloud, "logs", sending)
    name = group.partition(":log-group:")[2]
    with suppress(logs.exceptions.ResourceAlreadyExistsException):  # made by an event before
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    event = {"timestamp": round(now() * 1000), "message": sending.body}
    logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=[event])


SENDERS: dict[str, Callable[[Cloud, Sending], None]] = {
    "function": to_function,
    "queue": to_queue,
    "topic": to_topic,
    "pipeline": to_pipeline,
    "log-group": to_log_group,
}
