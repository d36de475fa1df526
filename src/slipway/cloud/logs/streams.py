"""The log groups and streams of jobs: which file of a job's folder is which stream."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.cloud.sagemaker.jobs import folder
from slipway.cloud.service import Call, ServiceError
from slipway.jobs.log_file import PREFIX
from slipway.jobs.log_reader import Line, read, read_back

GROUPS = {
    "/aws/sagemaker/ProcessingJobs": "ProcessingJob",
    "/aws/sagemaker/TrainingJobs": "TrainingJob",
}
STREAM = re.compile(r"(?P<job>[^/]+)/(?P<host>algo-\d+)-\d+")


@dataclass(frozen=True)
class Stream:
    """The log of one instance of a job."""

    name: str  # "<job>/algo-1-<seconds since 1970>"
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


def is_ours(request: dict[str, Any]) -> bool:
    """Return whether a request is about the logs of jobs."""
    return group_of(request) in GROUPS


def streams(call: Call, group: str, prefix: str = "") -> Iterator[Stream]:
    """Yield the streams of a group whose names begin with a prefix, in the order of their jobs."""
    documents = call.cloud.state.documents(call.region, GROUPS[group])
    job, slash, _ = prefix.partition("/")
    one = documents.get(job) if slash else None
    jobs = ([(job, one)] if one else []) if slash else documents.all()
    for name, document in jobs:
        logs = folder(call.cloud, call.region, GROUPS[group], name) / "logs"
        for path in sorted(logs.glob("algo-*.log"), key=lambda path: int(path.stem[5:])):
            stream = Stream(
                f"{name}/{path.stem}-{int(document['Created'])}", path, document["Created"]
            )
            if stream.name.startswith(prefix):
                yield stream


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
