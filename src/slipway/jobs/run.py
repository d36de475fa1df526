"""Run one job from its first folder to its last upload."""

import contextlib
import dataclasses
import functools
import selectors
import threading
from collections.abc import Callable
from pathlib import Path

from slipway.jobs import artifacts, failure, workspace
from slipway.jobs.failure import Outcome
from slipway.jobs.inputs import InputError
from slipway.jobs.job import Job
from slipway.jobs.log_reader import read_back
from slipway.jobs.process import Ended, Process, start
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.storage import NoSuchBucket, ObjectStore
from slipway.jobs.workspace import ROOT, Workspace

CLOUD_STOPPED = (
    "InternalServerError: the local cloud was stopped while the job ran; start the job again"
)
READ = 1 << 16  # characters of what a job left to be told
Report = Callable[[str], None]  # takes "Downloading", "Training", "Uploading"


class Run:
    """One job on its way. `execute` may be called once; `stop` and `kill` at any time, by anyone."""

    def __init__(
        self, job: Job, folder: Path, store: ObjectStore, sandbox: Sandbox, settings: Settings
    ) -> None:
        self._job = job
        self._folder = folder
        self._store = store
        self._sandbox = sandbox
        self._settings = settings
        self._lock = threading.Lock()
        self._processes: list[Process] = []
        self._stopping = False
        self._killed = False

    def execute(self, report: Report) -> Outcome:
        """Run the job and return how it ended; never raises for what a job or its data did."""
        places = [Workspace(self._folder / each.host) for each in self._job.instances]
        outcome = self._attempt(places, report)
        return dataclasses.replace(outcome, failure=failure.cut(outcome.failure))

    def _attempt(self, places: list[Workspace], report: Report) -> Outcome:
        try:
            return self._phases(places, report)
        except InputError as error:
            return Outcome("Failed", failure=f"ClientError: {error}")
        except (NoSuchBucket, artifacts.Unreadable) as error:
            return Outcome("Failed", failure=f"ClientError: Artifact upload failed: {error}")
        except OSError as error:
            return Outcome("Failed", failure=failure.cut(f"InternalServerError: Slipway: {error}"))
        finally:
            for process in self._processes:
                process.kill()
                process.wait()
            for place in places:
                workspace.remove(place.path)

    def stop(self) -> None:
        """Ask the job to end: SIGTERM, its grace, SIGKILL; its outputs are still uploaded."""
        with self._lock:
            self._stopping = True
            for process in self._processes:
                process.stop()

    def kill(self) -> None:
        """End the job at once, as the end of the cloud does."""
        with self._lock:
            self._stopping = self._killed = True
            for process in self._processes:
                process.kill()

    def _phases(self, places: list[Workspace], report: Report) -> Outcome:
        job = self._job
        logs = self._folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        report("Downloading")
        layers = []
        for index, (place, instance) in enumerate(zip(places, job.instances, strict=True)):
            inside = functools.partial(self._sandbox.inside, workspace=place)
            workspace.lay_out(place, job, instance, inside)
            layers.append(workspace.bring(place, job, index, self._store, self._sandbox.overlay))
        with self._sandbox.turn(places[0]), artifacts.Sync(job, places, self._store):
            report("Training")
            with self._lock:
                if self._stopping:
                    return Outcome("Stopped")
                for place, instance, over in zip(places, job.instances, layers, strict=True):
                    self._processes.append(
                        start(job, instance, place, over, self._sandbox, self._settings, logs)
                    )
            ended = self._wait()
        outcome = self._outcome(ended, places)
        if self._killed:
            return Outcome("Failed", outcome.started, outcome.ended, CLOUD_STOPPED)
        report("Uploading")
        artifacts.upload(job, places, self._store, outcome.status != "Failed")
        return outcome

    def _wait(self) -> list[Ended]:
        """Wait for every instance; the first that fails ends the others."""
        ended: dict[int, Ended] = {}
        with selectors.DefaultSelector() as selector:
            for index, process in enumerate(self._processes):
                selector.register(process, selectors.EVENT_READ, index)
            while len(ended) < len(self._processes):
                for key, _ in selector.select():
                    selector.unregister(key.fileobj)
                    ended[key.data] = one = self._processes[key.data].wait()
                    if one.code != 0 or one.why != "exit":
                        self._end_others(ended)
        return [ended[index] for index in range(len(ended))]

    def _end_others(self, ended: dict[int, Ended]) -> None:
        for index, process in enumerate(self._processes):
            if index not in ended:
                process.stop()

    def _outcome(self, ended: list[Ended], places: list[Workspace]) -> Outcome:
        started = min(each.started for each in ended)
        over = max(each.ended for each in ended)
        message = failure.cut(left(places[0], "message"))
        bad = [n for n, each in enumerate(ended) if each.code != 0 or each.why != "exit"]
        causes = [n for n in bad if ended[n].why not in ("stop", "runtime")]
        out_of_time = any(ended[n].why == "runtime" for n in bad)
        if self._stopping or (out_of_time and not causes):
            late = not self._stopping
            return Outcome("Stopped", started, over, message=message, out_of_time=late)
        if not bad:
            return Outcome("Completed", started, over, message=message)
        first = (causes or bad)[0]
        said = left(places[first], "failure")
        last = self._last_line(self._job.instances[first].host)
        reason = failure.failure(
            ended[first], said or last, self._settings.memory, self._settings.processes
        )
        reason += failure.hint(self._sandbox.way, said + last)
        return Outcome("Failed", started, over, reason, message)

    def _last_line(self, host: str) -> str:
        path = self._folder / "logs" / f"{host}.log"
        with contextlib.suppress(OSError):
            for line in read_back(path, path.stat().st_size):
                if line.text.strip():
                    return line.text
        return ""


def left(place: Workspace, name: str) -> str:
    """Return what a job left in /opt/ml/output/<name>; "" if nothing, or no file of its own."""
    path = place.outside(f"{ROOT}/output/{name}")
    if not (path.is_file() and artifacts.is_own(place, path)):  # a pipe would never end
        return ""
    try:
        with path.open(errors="replace") as file:
            return file.read(READ).strip()
    except OSError:
        return ""
