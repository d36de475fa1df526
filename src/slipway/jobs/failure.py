"""What is said of a job that ended: its status and the reason for it, in AWS's words. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from slipway.jobs.process import Ended

KILLED = 137  # 128 + SIGKILL
LONGEST = 1024  # characters of a FailureReason or ExitMessage


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    status: Literal["Completed", "Failed", "Stopped"]
    started: float | None = None  # of the command, in seconds since 1970; None if it never ran
    ended: float | None = None
    failure: str = ""
    message: str = ""  # what the job left in /opt/ml/output/message
    out_of_time: bool = False


def failure(ended: Ended, said: str, memory_limit: int, process_limit: int) -> str:
    """Return why an instance failed; `said` is what it left in /opt/ml/output/failure."""
    match ended.why:
        case "memory":
            return (
                f"ClientError: Please use an instance type with more memory, or reduce the size of "
                f"data processed on an instance: the job held more than {memory_limit >> 20} MiB "
                f"(SLIPWAY_JOB_MEMORY), exit code: {KILLED}"
            )
        case "processes":
            return (
                f"AlgorithmError: the job started more than {process_limit} processes "
                f"(SLIPWAY_JOB_PROCESSES), exit code: {KILLED}"
            )
        case "lost":
            return f"InternalServerError: Slipway could not run the job: {ended.detail}"
    if ended.code == KILLED and not said:
        said = "killed by signal 9, as the system does when memory runs out"
    return f"AlgorithmError: {said.strip()}, exit code: {ended.code}"


def cut(text: str, longest: int = LONGEST) -> str:
    """Leave out the middle of a long text: its beginning says what it is, its end says most."""
    if len(text) <= longest:
        return text
    head = longest // 4
    return f"{text[:head]}…{text[head + 1 - longest :]}"


def hint(way: str, lines: str) -> str:
    """Return what to tell when a script may have failed for a path that this sandbox cannot give."""
    if way == "substitution" and re.search(r"/opt/ml\b", lines):
        return " (this machine cannot give a job its own /opt/ml; see `slipway doctor`)"
    return ""
