"""What jobs of all kinds have in common: their documents, their runs, their events."""

import dataclasses
import logging
import os
import posixpath
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn, Protocol

from slipway.cloud import credentials, faults
from slipway.cloud.authorization import objects, trust
from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.state import Documents
from slipway.images import build, catalog
from slipway.jobs import metrics, probe, workspace
from slipway.jobs.failure import Outcome
from slipway.jobs.job import Image, Job
from slipway.jobs.run import CLOUD_STOPPED, Report, Run
from slipway.jobs.settings import Settings
from slipway.jobs.storage import ObjectStore, split_uri

log = logging.getLogger(__name__)

RUNNING = "RunningJob"  # the kind of the documents that name what runs: found by the next process
GO_ON = ("TransformJob",)  # kinds of jobs that the next process goes on with
SESSION = "SageMaker"  # how SageMaker names its sessions of a job's or a model's role
FULL = 1.0  # seconds until a job's end is written again to a disk that was full
OVER = ("Completed", "Failed", "Stopped")

Document = dict[str, Any]


class Work(Protocol):
    """A job on its way."""

    def execute(self, report: Report) -> Outcome | None:
        """Run it and return how it ended; None where the next process goes on with it."""

    def stop(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once, as the end of the cloud does."""


@dataclass(frozen=True)
class Kind:
    """How one kind of job differs from the others."""

    name: str  # "TrainingJob"
    noun: str  # "training job"
    detail: Callable[[Document], dict[str, Any]]  # of its EventBridge event
    event: str  # its detail-type
    messages: Mapping[str, str]  # of its phases


_runs: dict[tuple[Path, str], tuple[Work, threading.Thread]] = {}
_lock = threading.Lock()


def arn(call: Call, kind: str, name: str) -> str:
    """Return a job's ARN; `kind` is "training-job" or "processing-job"."""
    return f"arn:aws:sagemaker:{call.region}:{call.cloud.account}:{kind}/{name}"


def folder(cloud: Cloud, region: str, kind: str, name: str) -> Path:
    """Return where a job's logs and, while it runs, its workspaces lie."""
    return cloud.home / "jobs" / region / kind / name


def image(cloud: Cloud, uri: str) -> Image:
    """Return what stands for a container image; refuse an unknown one."""
    try:
        found = catalog.read(catalog.file_of(cloud.home)).find(uri)
    except catalog.UnknownImage as error:
        refuse(str(error))
    if found.lock:
        build.begin(found.lock)
    elif not found.prefix.is_dir():
        refuse(
            f"{uri}: the environment of the image family {found.family!r} is not installed in "
            f"{found.prefix}; run `make setup`"
        )
    return found


def given(
    cloud: Cloud, region: str, role: str, isolated: bool, network: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return what AWS puts into a container's environment: its region, and how to reach AWS.

    Args:
        cloud: In which the container runs.
        region: Likewise.
        role: The ARN of the role as which it calls AWS.
        isolated: Whether it has no network, and so no credentials.
        network: Its VpcConfig; calls from a VPC go through the VPC's endpoints.

    Raises:
        ServiceError: The role does not let SageMaker act as it, where IAM is enforced.
    """
    trust.check(cloud, region, role)
    where = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if isolated:
        return where
    subnets = tuple((network or {}).get("Subnets", ()))
    own = credentials.for_role(cloud, region, role, SESSION, subnets=subnets)
    return where | {"AWS_ENDPOINT_URL": cloud.endpoint} | own.environment()


def given_to_model(cloud: Cloud, region: str, model: Mapping[str, Any]) -> dict[str, str]:
    """Return what a container of a model finds in its environment; a model without a role has no AWS."""
    where = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if "ExecutionRoleArn" not in model:
        return where
    isolated = model.get("EnableNetworkIsolation", False)
    return given(cloud, region, model["ExecutionRoleArn"], isolated, model.get("VpcConfig"))


def objects_of_model(cloud: Cloud, region: str, model: Mapping[str, Any]) -> ObjectStore:
    """Return the objects of S3 as far as a model's role may use them."""
    role, network = model.get("ExecutionRoleArn"), model.get("VpcConfig")
    return objects.of_role(cloud, region, role, SESSION, network) if role else cloud.objects


def refuse(message: str) -> NoReturn:
    """Raise a ValidationException."""
    raise ServiceError("ValidationException", message)


def check_unique(member: str, names: list[str]) -> None:
    """Refuse a name that comes twice."""
    if len(set(names)) < len(names):
        refuse(f"{member}: names must be unique, found {names}")


def check_uri(where: str, uri: str) -> None:
    """Refuse what is no S3 URI."""
    try:
        split_uri(uri)
    except ValueError as error:
        refuse(f"{where}: {error}")


def check_path(where: str, path: str, base: str) -> None:
    """Refuse a local path that does not lie in a folder of the job's."""
    if not PurePosixPath(posixpath.normpath(path)).is_relative_to(base):
        refuse(f"{where}: expected a LocalPath that begins with {base}/, found {path!r}")


def document(kind: Kind, arn: str, request: dict[str, Any]) -> Document:
    """Return the document of a new job."""
    now = time.time()
    made: Document = {"Arn": arn, "Request": request, "Status": "InProgress"}
    made |= {"Created": now, "Modified": now, "Transitions": []}
    enter(made, kind, "Starting")
    return made


def create(call: Call, kind: Kind, job: Job, document: Document) -> None:
    """Write a new job's document, then start it; refuse a name that is taken."""
    cloud, region = call.cloud, call.region
    try:
        settings = Settings.of(os.environ)
    except ValueError as error:
        refuse(str(error))
    sandbox = probe.find(cloud.home / "jobs")
    if problem := sandbox.problem(job):
        refuse(f"{problem}; see `slipway doctor`")
    write(call, kind, job.name, document)
    request = document["Request"]
    network = request.get("VpcConfig") or request.get("NetworkConfig", {}).get("VpcConfig")
    store = objects.of_role(cloud, region, request["RoleArn"], SESSION, network)
    run = Run(job, folder(cloud, region, kind.name, job.name), store, sandbox, settings)
    begin(cloud, region, kind, job.name, run, job.image.lock)


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


def begin(cloud: Cloud, region: str, kind: Kind, name: str, work: Work, lock: str = "") -> None:
    """Start a job whose document is written, in a thread of its own.

    `lock` is that of an environment that may have to be built first.
    """
    thread = threading.Thread(
        target=_live, args=(cloud, region, kind, name, lock, work), name=name, daemon=True
    )
    with _lock:
        _runs[cloud.home, f"{region}/{kind.name}/{name}"] = work, thread
    thread.start()


def _live(cloud: Cloud, region: str, kind: Kind, name: str, lock: str, run: Work) -> None:
    """See one job through; whatever happens, its document says how it ended."""

    def report(phase: str) -> None:
        document = change(cloud, region, kind, name, lambda document: enter(document, kind, phase))
        if document["Status"] == "Stopping":  # asked before the run was known
            run.stop()

    try:
        if lock:
            build.ensure(lock)
        outcome = run.execute(report)
    except build.BuildFailed as error:
        outcome = Outcome("Failed", failure=f"InternalServerError: Slipway: {error}")
    except Exception as error:
        log.exception("%s %s", kind.noun, name)
        outcome = Outcome("Failed", failure=f"InternalServerError: {ours(error, cloud.home)}")
    if outcome is None:
        forget(cloud, region, kind, name)
        return
    values = metrics.series(folder(cloud, region, kind.name, name) / "logs" / "metrics.jsonl")

    def end(document: Document) -> None:
        finish(document, kind, outcome)
        document["Metrics"] = metrics.final(values)
        cloud.state.documents(region, RUNNING).delete(f"{kind.name}/{name}")

    while True:
        try:
            change(cloud, region, kind, name, end)
            break
        except sqlite3.OperationalError as error:
            if not faults.disk_full(error):
                raise
            log.error("%s %s ended; the disk is full, so this is written later", kind.noun, name)
            time.sleep(FULL)
    forget(cloud, region, kind, name)


def forget(cloud: Cloud, region: str, kind: Kind, name: str) -> None:
    """Forget a run that has ended."""
    with _lock:
        _runs.pop((cloud.home, f"{region}/{kind.name}/{name}"), None)


def ours(error: Exception, home: Path) -> str:
    """Return what is said of a job that failed for no reason of its own."""
    if faults.disk_full(error):
        return f"the disk that holds {home} is full; free some space and start the job again"
    return f"an error in Slipway: {error!r}"


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


def stop(call: Call, kind: Kind, name: str) -> None:
    """Ask a job to end; one that has ended is refused, one that is stopping goes on doing so."""
    get(call, kind, name)

    def stopping(document: Document) -> None:
        if document["Status"] in OVER:
            refuse(
                f"The request was rejected because the {kind.noun} is in status "
                f"{document['Status']}."
            )
        if document["Status"] != "Stopping":
            enter(document, kind, "Stopping")
            document["Status"] = "Stopping"

    change(call.cloud, call.region, kind, name, stopping)
    with _lock:
        run = _runs.get((call.cloud.home, f"{call.region}/{kind.name}/{name}"))
    if run:
        run[0].stop()


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


def take_up(cloud: Cloud) -> None:
    """Mark what ran when the last process ended, and cannot go on, as Failed."""
    for path in (cloud.home / "jobs").glob("probe-*"):
        workspace.remove(path)
    for region in cloud.state.regions(RUNNING):
        running = cloud.state.documents(region, RUNNING)
        for key, _ in running.all():
            kind_name, _, name = key.partition("/")
            if kind_name in GO_ON:
                continue
            with cloud.state.transaction():
                found = cloud.state.documents(region, kind_name)
                document = found.get(name)
                if document and document["Status"] not in OVER:
                    document["Status"] = document["Phase"] = "Failed"
                    document["Modified"] = document["Ended"] = time.time()
                    document["Outcome"] = {"status": "Failed", "failure": CLOUD_STOPPED}
                    found.replace(name, document)
                running.delete(key)
            where = folder(cloud, region, kind_name, name)
            for path in where.glob("algo-*"):
                workspace.remove(path)


def end_all(cloud: Cloud) -> None:
    """End every job of this cloud at once, and write that it did."""
    with _lock:
        mine = [each for (home, _), each in _runs.items() if home == cloud.home]
    for run, _ in mine:
        run.kill()
    for _, thread in mine:
        thread.join(timeout=5)


def plain(value: Any, time_as: Callable[[datetime], Any]) -> Any:
    """Return an answer as plain JSON, its times in another form."""
    if isinstance(value, datetime):
        return time_as(value)
    if isinstance(value, dict):
        return {name: plain(each, time_as) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each, time_as) for each in value]
    return value
