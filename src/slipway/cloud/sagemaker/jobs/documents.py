"""The documents of jobs of all kinds: what is written down of a job, and published as events."""

import dataclasses
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.state import Documents
from slipway.jobs.failure import Outcome

RUNNING = "RunningJob"  # the kind of the documents that name what runs: found by the next process
GO_ON = ("TransformJob",)  # kinds of jobs that the next process goes on with
OVER = ("Completed", "Failed", "Stopped")

Document = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """How one kind of job differs from the others."""

    name: str  # "TrainingJob"
    noun: str  # "training job"
    detail: Callable[[Document], dict[str, Any]]  # of its EventBridge event
    event: str  # its detail-type
    messages: Mapping[str, str]  # of its phases


def arn(call: Call, kind: str, name: str) -> str:
    """Return a job's ARN; `kind` is "training-job" or "processing-job"."""
    return f"arn:aws:sagemaker:{call.region}:{call.cloud.account}:{kind}/{name}"


def folder(cloud: Cloud, region: str, kind: str, name: str) -> Path:
    """Return where a job's logs and, while it runs, its workspaces lie."""
    return cloud.home / "jobs" / region / kind / name


def document(kind: Kind, arn: str, request: dict[str, Any]) -> Document:
    """Return the document of a new job."""
    now = time.time()
    made: Document = {"Arn": arn, "Request": request, "Status": "InProgress"}
    made |= {"Created": now, "Modified": now, "Transitions": []}
    enter(made, kind, "Starting")
    return made


def write(call: Call, kind: Kind, name: str, document: Document) -> None:
    """Write a new job's document, and publish its state; refuse a name that is taken."""
    state = call.cloud.state
    with state.transaction():
        if not state.documents(call.region, kind.name).create(name, document):
            raise ServiceError(
                "ResourceInUse",
                f"{kind.noun.capitalize()} names must be unique within an AWS account and region, "
                f"and a {kind.noun} with this name already exists ({document['Arn']})",
            )
        tags.put(call, document["Arn"], document["Request"].get("Tags"))
        state.documents(call.region, RUNNING).create(f"{kind.name}/{name}", {})
        publish(call.cloud, call.region, kind, document)


def enter(document: Document, kind: Kind, phase: str) -> None:
    """Write that a phase has begun."""
    now = time.time()
    transitions = document["Transitions"]
    if transitions:
        transitions[-1]["EndTime"] = now
    transitions.append({"Status": phase, "StartTime": now, "StatusMessage": kind.messages[phase]})
    document["Phase"] = phase
    if phase == "Downloading" and not ("Prepared" in document and kind.name in GO_ON):
        document["Prepared"] = now
    document["Modified"] = now


def finish(document: Document, kind: Kind, outcome: Outcome) -> None:
    """Write how a job ended."""
    phase = "MaxRuntimeExceeded" if outcome.out_of_time else outcome.status
    enter(document, kind, phase)
    last = document["Transitions"][-1]
    last["EndTime"] = last["StartTime"]
    if outcome.failure:
        last["StatusMessage"] = outcome.failure
    document["Status"] = outcome.status
    document["Outcome"] = dataclasses.asdict(outcome)
    document["Ended"] = last["EndTime"]


def change(
    cloud: Cloud, region: str, kind: Kind, name: str, do: Callable[[Document], None]
) -> Document:
    """Change a job's document, and publish its new state."""
    with cloud.state.transaction():
        documents = cloud.state.documents(region, kind.name)
        document = documents.get(name)
        if document is None:
            raise KeyError(name)
        do(document)
        documents.replace(name, document)
        publish(cloud, region, kind, document)
    return document


def publish(cloud: Cloud, region: str, kind: Kind, document: Document) -> None:
    """Publish a job's state as an event."""
    cloud.events.publish(
        kind.event, kind.detail(document), region=region, resources=(document["Arn"],)
    )


def get(call: Call, kind: Kind, name: str) -> Document:
    """Return a job's document; refuse a name that is not there."""
    document = documents(call, kind).get(name)
    if document is None:
        raise ServiceError("ResourceNotFound", "Requested resource not found.")
    return document


def documents(call: Call, kind: Kind) -> Documents:
    """Return the documents of a kind of job in the caller's region."""
    return call.cloud.state.documents(call.region, kind.name)


def delete(call: Call, kind: Kind, name: str) -> None:
    """Forget a job that has ended, and its logs; its name is free again."""
    with call.cloud.state.transaction():
        document = get(call, kind, name)
        if document["Status"] not in OVER:
            raise ServiceError(
                "ResourceInUse", f"The {kind.noun} {name} has not ended; stop it first."
            )
        documents(call, kind).delete(name)
        tags.forget(call, document["Arn"])
    shutil.rmtree(folder(call.cloud, call.region, kind.name, name), ignore_errors=True)


def moment(seconds: float) -> datetime:
    """Return a time of a document as a datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def detail(
    document: Document, described: dict[str, Any], time_as: Callable[[datetime], Any]
) -> dict[str, Any]:
    """Return the detail of an event: a job as described, its times in another form, tags as a map."""
    tagged = {tag["Key"]: tag["Value"] for tag in document["Request"].get("Tags", [])}
    found: dict[str, Any] = plain(described, time_as)
    return found | {"Tags": tagged}


def plain(value: Any, time_as: Callable[[datetime], Any]) -> Any:
    """Return an answer as plain JSON, its times in another form."""
    if isinstance(value, datetime):
        return time_as(value)
    if isinstance(value, dict):
        return {name: plain(each, time_as) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each, time_as) for each in value]
    return value
