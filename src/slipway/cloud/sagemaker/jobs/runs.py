"""The runs of jobs of all kinds, each in a thread of its own."""

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Protocol

from slipway.cloud import faults
from slipway.cloud.authorization import objects
from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker.containers import SESSION
from slipway.cloud.sagemaker.jobs.documents import (
    GO_ON,
    OVER,
    RUNNING,
    Document,
    Kind,
    change,
    enter,
    finish,
    folder,
    get,
    write,
)
from slipway.cloud.sagemaker.jobs.rules import refuse
from slipway.cloud.service import Call
from slipway.images import build
from slipway.jobs import metrics, probe, workspace
from slipway.jobs.failure import Outcome
from slipway.jobs.job import Job
from slipway.jobs.run import CLOUD_STOPPED, Report, Run
from slipway.jobs.settings import Settings

FULL = 1.0  # seconds until a job's end is written again to a disk that was full
log = logging.getLogger(__name__)


class Work(Protocol):
    """A job on its way."""

    def execute(self, report: Report) -> Outcome | None:
        """Run it and return how it ended; None where the next process goes on with it."""

    def stop(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once, as the end of the cloud does."""


_runs: dict[tuple[Path, str], tuple[Work, threading.Thread]] = {}
_lock = threading.Lock()


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
