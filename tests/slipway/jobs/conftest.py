"""Jobs without a cloud: real processes, and a folder for S3."""

import sys
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from folder_store import FolderStore
from slipway.jobs import probe
from slipway.jobs.failure import Outcome
from slipway.jobs.job import Image, Instance, Job
from slipway.jobs.run import Run
from slipway.jobs.settings import Settings

PYTHON = Image("python", Path(sys.prefix))
LIMITS = Settings(grace=2, memory=1 << 32, processes=200, log=1 << 24, cores=2)


@dataclass
class Bench:
    """Where jobs of a test run."""

    path: Path
    store: FolderStore
    phases: list[str] = field(default_factory=list)
    limits = LIMITS

    def run(self, script: str, *, limits: Settings = LIMITS, hosts: int = 1, **changes) -> Run:
        """Return a job that runs a Python script, ready to execute."""
        job = Job(
            kind="ProcessingJob",
            name="job",
            image=PYTHON,
            command=("python3", "-c", script),
            instances=tuple(Instance(f"algo-{n}", {}, {}) for n in range(1, hosts + 1)),
            folders=("/opt/ml/output", "/opt/ml/processing/output"),
        )
        sandbox = changes.pop("sandbox", None) or probe.find(self.path / "probes")
        return Run(replace(job, **changes), self.path / "job", self.store, sandbox, limits)

    def outcome(self, script: str, **options) -> Outcome:
        """Run a script to its end."""
        return self.run(script, **options).execute(self.phases.append)

    def start(self, run: Run) -> "Running":
        return Running(run, self.phases)

    def log(self, host: str = "algo-1") -> list[str]:
        path = self.path / "job" / "logs" / f"{host}.log"
        return [line[25:] for line in path.read_text().splitlines()] if path.exists() else []

    def wait_for_log(self, text: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while text not in self.log():
            assert time.monotonic() < end, self.log()
            time.sleep(0.02)


class Running(threading.Thread):
    """A job that runs in the background."""

    def __init__(self, run: Run, phases: list[str]) -> None:
        super().__init__(daemon=True)
        self.run_, self.phases = run, phases
        self.start()

    def run(self) -> None:
        self.result = self.run_.execute(self.phases.append)

    def outcome(self, seconds: float = 30) -> Outcome:
        self.join(seconds)
        assert not self.is_alive(), "the job did not end"
        return self.result


@pytest.fixture
def bench(tmp_path):
    store = FolderStore(tmp_path / "s3")
    (tmp_path / "s3" / "bucket").mkdir(parents=True)
    return Bench(tmp_path, store)
