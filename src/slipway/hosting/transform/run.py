"""Run one transform job: its instances, its files, its outcome."""

import shutil
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from slipway.hosting.transform import manifests
from slipway.hosting.transform.asking import Model
from slipway.hosting.transform.data_log import DataLog
from slipway.hosting.transform.output import SUFFIX
from slipway.hosting.transform.plan import Limits, Transform
from slipway.hosting.transform.worker import Worker
from slipway.jobs import failure
from slipway.jobs.failure import Outcome
from slipway.jobs.inputs import InputError, named
from slipway.jobs.storage import AccessDenied, NoSuchBucket, ObjectStore, StoredObject, split_uri

LOG = 1 << 30  # bytes of a data log that are kept
SEE = "ClientError: See job logs for more information"

Files = Sequence[tuple[str, StoredObject]]
Report = Callable[[str], None]


class Run:
    """One transform job on its way. `execute` may be called once; `stop` and `kill` at any time."""

    def __init__(
        self,
        transform: Transform,
        models: Sequence[Model],
        data_logs: Sequence[Path],
        folder: Path,
        store: ObjectStore,
    ) -> None:
        """Take the job, its instances and the files of their data logs.

        `folder` keeps what is unfinished; a job that goes on after a kill is given the same one.
        """
        self._transform = transform
        self._models = models
        self._data_logs = data_logs
        self._folder = folder
        self._store = store
        self._halt = threading.Event()  # nothing is asked any more
        self._stopped = self._killed = False
        self._starting = threading.Lock()

    def execute(self, report: Report) -> Outcome | None:
        """Run the job and return how it ended; None where the cloud ends before the job does."""
        started = time.time()
        try:
            said = self._attempt(report)
        except InputError as error:
            said = f"ClientError: {error}"
        except AccessDenied as error:
            said = f"ClientError: {error}"
        except NoSuchBucket as error:
            said = f"ClientError: Expected a bucket {error} for the job's output, found none"
        finally:
            self._end_models()
            goes_on = self._killed
            if not goes_on:
                shutil.rmtree(self._folder, ignore_errors=True)
        if goes_on:
            return None
        if self._stopped:
            return Outcome("Stopped", started, time.time())
        return Outcome("Failed" if said else "Completed", started, time.time(), failure.cut(said))

    def stop(self) -> None:
        """Ask the job to end: outputs that are whole stay, all else is dropped."""
        self._stopped = True
        self._end_models()

    def kill(self) -> None:
        """End at once, as the end of the cloud does; the job can go on from where it is."""
        self._killed = True
        self._end_models()

    def _end_models(self) -> None:
        self._halt.set()
        with self._starting:
            ending = [threading.Thread(target=each.stop, args=(0,)) for each in self._models]
            for thread in ending:
                thread.start()
        for thread in ending:
            thread.join()

    def _attempt(self, report: Report) -> str:
        """Return why the job failed, "" where it did not."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files = named(self._store, self._transform.source)
        for uri in filter(None, (self._transform.output, self._transform.capture)):
            self._store.get(*split_uri(uri))  # a bucket that is not there is told first
        report("Downloading")
        with self._starting:
            if self._halt.is_set():
                return ""
            for model in self._models:
                model.start()
        for model in self._models:
            if model.wait() == "Failed":
                return f"AlgorithmError: {model.failure}"
        if self._halt.is_set():
            return ""
        try:
            limits = self._transform.limits(self._models[0].execution_parameters())
        except ValueError as error:
            return f"ClientError: {error}"
        failures = self._work(files, limits)
        if self._transform.capture and not self._halt.is_set():
            self._capture([path for path, _ in files if path not in failures], files)
        return reason(failures, len(files))

    def _work(self, files: Files, limits: Limits) -> dict[str, str]:
        """Transform the files, each instance its share; return what failed, by path."""
        failures: dict[str, str] = {}
        errors: list[Exception] = []

        def work(index: int) -> None:
            try:
                with closing(DataLog(self._data_logs[index], LOG)) as log:
                    log.begins(limits)
                    worker = Worker(
                        self._transform,
                        limits,
                        self._models[index],
                        self._store,
                        self._folder,
                        log,
                        self._halt,
                    )
                    failures.update(worker.run(files[index :: len(self._models)]))
            except Exception as error:  # of the disk, for example: it ends the others too
                errors.append(error)
                self._halt.set()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(len(self._models))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors and not self._stopped:
            raise errors[0]
        return failures

    def _capture(self, paths: Sequence[str], files: Files) -> None:
        """Write which inputs were transformed, and into what."""
        path, first = files[0]
        prefix = f"s3://{first.bucket}/{first.key.removesuffix(path)}"
        outputs = [path + SUFFIX for path in paths]
        now, unique = datetime.now(UTC), str(uuid.uuid4())
        for side, start, names in (
            ("input", prefix, paths),
            ("output", f"{self._transform.output}/", outputs),
        ):
            draft = self._folder / f"{side}.manifest"
            draft.write_bytes(manifests.manifest(start, names))
            target = manifests.place(self._transform.capture, side, now, unique)
            self._store.put(*split_uri(target), draft)


def reason(failures: dict[str, str], files: int) -> str:
    """Return why a job failed whose files did, "" where none did: the first one, and how many."""
    if not failures:
        return ""
    first = failures[min(failures)]
    return f"{SEE}: {first}" + (f"; {len(failures)} of {files} files failed" if files > 1 else "")
