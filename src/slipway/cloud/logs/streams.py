"""The log groups and streams of jobs, endpoints and functions: which file is which stream."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.cloud.logs import functions
from slipway.cloud.sagemaker.jobs.documents import folder
from slipway.cloud.service import Call, ServiceError
from slipway.jobs.log_file import PREFIX
from slipway.jobs.log_reader import Line, read, read_back

JOBS = {
    "/aws/sagemaker/ProcessingJobs": "ProcessingJob",
    "/aws/sagemaker/TrainingJobs": "TrainingJob",
}
TRANSFORM = "/aws/sagemaker/TransformJobs"
HOSTED = {  # of one endpoint or inference component each, and where their folders lie
    "/aws/sagemaker/Endpoints/": "endpoints",
    "/aws/sagemaker/InferenceComponents/": "inference-components",
}
ONE_HOSTED = re.compile(rf"({'|'.join(HOSTED)})([a-zA-Z0-9](-*[a-zA-Z0-9])*)")


@dataclass(frozen=True)
class Stream:
    """The log of one instance of a job or an endpoint, or of one container of it."""

    name: str  # "<job>/algo-1-<seconds since 1970>", "<variant>/<instance>"
    path: Path
    created: float

    def edge(self, backwards: bool) -> Line | None:
        """Return the first or the last line."""
        size = self.path.stat().st_size
        return next(read_back(self.path, size) if backwards else read(self.path), None)

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return self.path.stat().st_size


def group_of(request: dict[str, Any]) -> str:
    """Return the name of the log group that a request is about, or ""."""
    identifier: str = request.get("logGroupIdentifier", "").removesuffix(":*")
    return request.get("logGroupName") or identifier.partition(":log-group:")[2] or identifier


def is_ours(call: Call, request: dict[str, Any]) -> bool:
    """Return whether a request is about the logs of jobs, or of what is hosted and has some."""
    group = group_of(request)
    if group in JOBS or group == TRANSFORM:
        return True
    if functions.folder(call, group).is_dir():
        return bool(group)
    return bool(ONE_HOSTED.fullmatch(group)) and hosted_logs(call, group).is_dir()


def groups(call: Call) -> Iterator[tuple[str, float]]:
    """Yield every group that holds something, with the time of its creation."""
    for group in JOBS:
        if first := next(streams(call, group), None):  # of the oldest job
            yield group, first.created
    others = [TRANSFORM]
    for prefix in HOSTED:
        found = hosted(call, prefix).glob("*/logs")
        others += [prefix + path.parent.name for path in found]
    others += functions.groups(call)
    for group in others:
        if created := [stream.created for stream in streams(call, group)]:
            yield group, min(created)


def hosted(call: Call, prefix: str) -> Path:
    """Return where the folders of all endpoints lie, or of all inference components."""
    return call.cloud.home / HOSTED[prefix] / call.region


def hosted_logs(call: Call, group: str) -> Path:
    """Return where the logs of an endpoint or inference component lie, by the name of their group."""
    prefix, _, name = group.rpartition("/")
    return hosted(call, f"{prefix}/") / name / "logs"


def streams(call: Call, group: str, prefix: str = "") -> Iterator[Stream]:
    """Yield the streams of a group whose names begin with a prefix, job by job where it is of jobs."""
    if group in JOBS:
        found = of_jobs(call, JOBS[group], prefix)
    elif group == TRANSFORM:
        found = of_transforms(call, prefix)
    elif ONE_HOSTED.fullmatch(group):
        found = below(hosted_logs(call, group), "")
    else:
        found = below(functions.folder(call, group), "")
    return (stream for stream in found if stream.name.startswith(prefix))


def of_jobs(call: Call, kind: str, prefix: str) -> Iterator[Stream]:
    """Yield the streams of the job that a prefix names, or of all jobs of a kind."""
    documents = call.cloud.state.documents(call.region, kind)
    job, slash, _ = prefix.partition("/")
    one = documents.get(job) if slash else None
    jobs = ([(job, one)] if one else []) if slash else documents.all()
    for name, document in jobs:
        logs = folder(call.cloud, call.region, kind, name) / "logs"
        for path in sorted(logs.glob("algo-*.log"), key=lambda path: int(path.stem[5:])):
            created = document["Created"]
            yield Stream(f"{name}/{path.stem}-{int(created)}", path, created)


def of_transforms(call: Call, prefix: str) -> Iterator[Stream]:
    """Yield the streams of transform jobs whose names begin as a prefix does."""
    job, slash, _ = prefix.partition("/")
    base = folder(call.cloud, call.region, "TransformJob", "")
    for each in sorted(base.iterdir()) if base.is_dir() else ():
        if each.name == job if slash else each.name.startswith(job):
            yield from below(each / "logs", f"{each.name}/")


def below(logs: Path, prefix: str) -> Iterator[Stream]:
    """Yield a stream for each log below a folder, named by its path; created with its first line.

    The group may be deleted meanwhile: then it has no more streams.
    """
    paths: list[Path] = []
    with suppress(FileNotFoundError):
        paths = sorted(logs.rglob("*.log"))
    for path in paths:
        with suppress(FileNotFoundError):
            first = next(read(path), None)
            created = first.time / 1000 if first else path.stat().st_mtime
            name = path.relative_to(logs).as_posix().removesuffix(".log")
            yield Stream(prefix + name, path, created)


def find(call: Call, group: str, name: str) -> Stream:
    """Return one stream; ServiceError if there is none of that name."""
    for stream in streams(call, group, name):
        if stream.name == name:
            return stream
    raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")


def group_arn(call: Call, group: str) -> str:
    """Return the ARN of a log group."""
    return f"arn:aws:logs:{call.region}:{call.cloud.account}:log-group:{group}"


def stored(line: Line) -> int:
    """Return the bytes of one event."""
    return line.end - line.start - PREFIX
