"""Logs of jobs, from CloudWatch Logs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from slipway.cli import steps
from slipway.cli.aws import client, pages
from slipway.cli.errors import Refused
from slipway.cli.output import emit, note, say
from slipway.cli.references import Execution, find_execution

POLL = 1.0  # seconds between two looks at a log that is followed
KINDS = {
    "training-job": "TrainingJob",
    "processing-job": "ProcessingJob",
    "transform-job": "TransformJob",
}
ENDPOINTS = "/aws/sagemaker/Endpoints/"  # begins the log group of an endpoint


@dataclass(frozen=True)
class Job:
    """A job, or an endpoint, whose log is wanted."""

    group: str
    name: str  # "" for an endpoint: the whole group is its log
    step: str = ""  # the pipeline step that ran it


@dataclass
class Reader:
    """Reads the streams of some jobs, each event once."""

    api: Any
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)  # (group, stream) → where next

    def new_events(self, job: Job) -> Iterator[dict[str, Any]]:
        """Yield what was written since the last look, stream by stream."""
        for stream in streams(self.api, job):
            key = (job.group, stream)
            while True:
                position = {"nextToken": self.tokens[key]} if key in self.tokens else {}
                page = self.api.get_log_events(
                    logGroupName=job.group, logStreamName=stream, startFromHead=True, **position
                )
                for event in page["events"]:
                    yield {"stream": stream, "step": job.step, **event}
                if page["nextForwardToken"] == self.tokens.get(key):
                    break  # how AWS says that this is the end for now; an empty page is not
                self.tokens[key] = page["nextForwardToken"]


def logs(
    named: Annotated[
        str,
        typer.Argument(
            metavar="EXECUTION/STEP|JOB|ENDPOINT",
            help="A step of an execution, an execution (all its steps), a job's name or ARN, an endpoint.",
        ),
    ],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the jobs have ended.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document per line of the log on stdout.")
    ] = False,
) -> None:
    """Print the log of a step, an execution, a job or an endpoint."""
    sagemaker = client("sagemaker")
    reader = Reader(client("logs"))
    wanted = find(sagemaker, reader.api, named)
    several = isinstance(wanted, Wanted) and wanted.step is None
    printed = False
    while True:
        # Asked before reading, so that the last lines are not lost.
        over = not follow or ended(sagemaker, wanted)
        for job in jobs(sagemaker, wanted):
            for event in reader.new_events(job):
                draw(event, several, json)
                printed = True
        if over:
            break
        time.sleep(POLL)
    if not printed:
        note(f"{named} has written nothing to its log")


@dataclass(frozen=True)
class Wanted:
    """One step of an execution, or all of them."""

    execution: Execution
    step: str | None


def find(sagemaker: Any, api: Any, named: str) -> Wanted | Job:
    """Return what `named` means; Refused when it means nothing."""
    kind, _, name = named.rpartition(":")[2].partition("/")
    if named.startswith("arn:") and kind in KINDS:
        return Job(steps.JOBS[KINDS[kind]], name)
    if "/" not in named:
        for group in steps.JOBS.values():
            if streams(api, Job(group, named)):
                return Job(group, named)
        if streams(api, Job(ENDPOINTS + named, "")):
            return Job(ENDPOINTS + named, "")
    whole = execution_or_none(sagemaker, named)
    if whole or "/" not in named:
        return Wanted(whole or find_execution(sagemaker, named), None)
    head, _, step = named.rpartition("/")
    return check_step(sagemaker, Wanted(find_execution(sagemaker, head), step))


def execution_or_none(sagemaker: Any, named: str) -> Execution | None:
    """Return the execution of that name, or None."""
    try:
        return find_execution(sagemaker, named)
    except Refused:
        return None


def check_step(sagemaker: Any, wanted: Wanted) -> Wanted:
    """Return `wanted`; Refused when its definition has no such step."""
    import json

    definition = sagemaker.describe_pipeline_definition_for_execution(
        PipelineExecutionArn=wanted.execution.arn
    )["PipelineDefinition"]
    names = [step["Name"] for step in steps.defined(json.loads(definition))]
    if wanted.step not in names:
        raise Refused(
            f"expected a step of {wanted.execution.short}, found {wanted.step!r}; its steps are "
            f"{', '.join(names)}"
        )
    return wanted


def jobs(sagemaker: Any, wanted: Wanted | Job) -> list[Job]:
    """Return the jobs that have been started so far."""
    if isinstance(wanted, Job):
        return [wanted]
    found = []
    for step in steps.of(sagemaker, wanted.execution.arn):
        job = steps.job_of(step)
        if job and wanted.step in (None, step["StepName"]):
            found.append(Job(*job, step["StepName"]))
    return found


def ended(sagemaker: Any, wanted: Wanted | Job) -> bool:
    """Return whether nothing more will be written."""
    if isinstance(wanted, Job):
        return job_ended(sagemaker, wanted)
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=wanted.execution.arn)
    if described["PipelineExecutionStatus"] in steps.ENDED:
        return True
    return wanted.step is not None and any(
        step["StepName"] == wanted.step and step["StepStatus"] in steps.ENDED
        for step in steps.of(sagemaker, wanted.execution.arn)
    )


def job_ended(sagemaker: Any, job: Job) -> bool:
    """Return whether a job has come to its end; an endpoint writes on until it is deleted."""
    if job.group.startswith(ENDPOINTS):
        name = job.group.removeprefix(ENDPOINTS)
        return name not in [
            one["EndpointName"]
            for one in pages(sagemaker, "list_endpoints", "Endpoints", NameContains=name)
        ]
    member = next(kind for kind, group in steps.JOBS.items() if group == job.group)
    operation = {
        "TrainingJob": sagemaker.describe_training_job,
        "ProcessingJob": sagemaker.describe_processing_job,
        "TransformJob": sagemaker.describe_transform_job,
    }[member]
    status = operation(**{f"{member}Name": job.name})[f"{member}Status"]
    return status in {"Completed", "Failed", "Stopped"}


def streams(api: Any, job: Job) -> list[str]:
    """Return the names of a job's log streams, one for each instance."""
    try:
        found = pages(
            api,
            "describe_log_streams",
            "logStreams",
            logGroupName=job.group,
            **({"logStreamNamePrefix": f"{job.name}/"} if job.name else {}),
        )
        return [stream["logStreamName"] for stream in found]
    except api.exceptions.ResourceNotFoundException:
        return []  # no job of this kind has written anything yet


def last_line(api: Any, group: str, name: str) -> str:
    """Return the last line that a job has written so far, or an empty text."""
    for stream in streams(api, Job(group, name)):
        page = api.get_log_events(
            logGroupName=group, logStreamName=stream, limit=1, startFromHead=False
        )
        for event in page["events"]:
            return str(event["message"]).strip()
    return ""


def draw(event: dict[str, Any], several: bool, json: bool) -> None:
    """Print one event, as text or as a line of JSON."""
    if json:
        time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        emit(
            {
                "time": time,
                "stream": event["stream"],
                "step": event["step"] or None,
                "message": event["message"],
            }
        )
    else:
        say(f"{event['step']}: {event['message']}" if several else event["message"])
