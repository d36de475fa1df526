"""One instance's supervisor, as the cloud holds it."""

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, cast

from slipway.jobs import own_python, sandbox
from slipway.jobs.job import Image, Instance, Job
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import ROOT, Overlay, Workspace

CHUNK = 1 << 16
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Ended:
    """How an instance ended."""

    code: int | None  # exit code; 128 + n after signal n; None when it never ran
    why: str  # "exit", "stop", "runtime", "memory", "processes"; "lost" when nobody can say
    started: float  # seconds since 1970
    ended: float
    detail: str = ""  # of "lost"


class Process:
    """A running instance. Whatever happens to this process, the job's processes end with it."""

    def __init__(self, command: list[str], errors: Path, passing: tuple[int, ...] = ()) -> None:
        self._errors = errors
        self._ended: Ended | None = None
        with errors.open("wb") as stderr:
            self._supervisor = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                env={},
                bufsize=0,
                pass_fds=passing,
            )
        self._control = cast(RawIOBase, self._supervisor.stdin)
        self._answer = cast(RawIOBase, self._supervisor.stdout)

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the instance has ended."""
        return self._answer.fileno()

    @property
    def pid(self) -> int:
        """The supervisor's process number."""
        return self._supervisor.pid

    def stop(self) -> None:
        """Ask the job to end within its grace."""
        with contextlib.suppress(OSError, ValueError):
            self._control.write(b"stop\n")

    def kill(self) -> None:
        """End the job at once."""
        self._control.close()

    def wait(self) -> Ended:
        """Wait for the end of the job and of everything it started; again, it says the same."""
        if self._ended is None:
            said = b"".join(iter(lambda: self._answer.read(CHUNK), b""))
            self._answer.close()
            self._control.close()
            self._supervisor.wait()
            self._ended = self._read(said)
        return self._ended

    def _read(self, said: bytes) -> Ended:
        try:
            return Ended(**json.loads(said))
        except ValueError:
            lines = self._errors.read_text(errors="replace").strip().splitlines()
            return Ended(None, "lost", 0, 0, lines[-1] if lines else "its supervisor was killed")


def start(
    job: Job,
    instance: Instance,
    workspace: Workspace,
    overlays: list[Overlay],
    way: Sandbox,
    settings: Settings,
    logs: Path,
) -> Process:
    """Start one instance whose workspace is laid out; `logs` is where its log goes."""
    own_python.make(job.image.prefix, workspace.python, job.image.only)
    hosts = workspace.path / "hosts"
    hosts.write_text(hosts_file([each.host for each in job.instances]))
    mounted = sandbox.mounts(workspace, overlays, job.image, hosts, not job.isolated)
    threads = max(1, settings.cores // len(job.instances))
    plan: dict[str, Any] = {
        "mounts": mounted,
        "network": not job.isolated,
        "command": [way.inside(word, workspace) for word in job.command],
        "directory": str(job.image.folder or way.inside(ROOT, workspace)),
        "environment": environment(job.image, instance.environment, workspace, way, threads),
        "log": str(logs / f"{instance.host}.log"),
        "metrics": [(metric.name, metric.regex) for metric in job.metrics],
        "metrics_file": str(logs / "metrics.jsonl"),
        "max_runtime": job.max_runtime,
        "grace": settings.grace,
    }
    return launch(plan, workspace, way, settings)


def launch(
    plan: dict[str, Any],
    workspace: Workspace,
    way: Sandbox,
    settings: Settings,
    passing: tuple[int, ...] = (),
) -> Process:
    """Start the supervisor of a plan; it inherits the descriptors in `passing`."""
    plan = plan | {
        "way": way.way,
        "log_limit": settings.log,
        "memory_limit": settings.memory,
        "process_limit": settings.processes,
    }
    file = workspace.path / "plan.json"
    file.write_text(json.dumps(plan))
    command = sandbox.command(way, file, workspace, plan["mounts"])
    return Process(command, workspace.path / "supervisor.err", passing)


def environment(
    image: Image, variables: Mapping[str, str], workspace: Workspace, way: Sandbox, cores: int
) -> dict[str, str]:
    """Return all that the command finds in its environment; nothing of the cloud's own is in it."""
    threads = str(cores)
    folders = [workspace.python / "bin", *image.commands]
    folders += [] if image.only else [image.prefix / "bin"]
    base = {
        "PATH": os.pathsep.join([*map(str, folders), SYSTEM_PATH]),
        "HOME": str(workspace.home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "UTF-8",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        base[name] = threads
    base |= {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}
    if way.way in ("link", "substitution"):
        base["TMPDIR"] = str(workspace.tmp)
    if way.way == "substitution":
        base["SAGEMAKER_BASE_DIR"] = str(workspace.ml)
    said = base | dict(image.environment) | dict(variables)
    return {name: way.inside(value, workspace) for name, value in said.items()}


def hosts_file(names: list[str]) -> str:
    """Return the /etc/hosts in which instances are on addresses of the loopback network."""
    file = Path("/etc/hosts")
    known = file.read_text() if file.is_file() else "127.0.0.1 localhost\n"
    return known + "".join(f"127.0.0.{n} {name}\n" for n, name in enumerate(names, 1))
