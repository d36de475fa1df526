"""One instance of a transform job: it is asked the records of its files, and the answers are written.

Several requests are in work, as many again are ready to be sent or to be written; so the model never
waits for a disk. A thread of its own reads, filters, joins and writes, in the order of the files.
"""

import gzip
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import BinaryIO, cast
from zlib import error as ZlibError

from slipway.hosting.transform import asking
from slipway.hosting.transform.asking import Model, Stopping, Unanswered
from slipway.hosting.transform.data_log import DataLog
from slipway.hosting.transform.output import Output, uri_of
from slipway.hosting.transform.payloads import Payload, payloads
from slipway.hosting.transform.plan import Limits, Transform
from slipway.hosting.transform.records import BadInput
from slipway.jobs.storage import ObjectStore, StoredObject

UNREADABLE = (EOFError, gzip.BadGzipFile, ZlibError)  # what a broken gzip file raises


@dataclass
class Work:
    """A file on its way."""

    path: str  # below the input's prefix
    source: StoredObject
    output: Output
    broken: tuple[str, Exception] | None = None  # where and why it could not be read to its end
    failure: str = ""  # where and why it has no output


Waiting = tuple[Work, Payload | None, Future[bytes] | None]  # without a payload: the file's end


class Worker:
    """What one instance does for a job."""

    def __init__(
        self,
        transform: Transform,
        limits: Limits,
        model: Model,
        store: ObjectStore,
        folder: Path,
        log: DataLog,
        stopping: Event,
    ) -> None:
        """Take the job, its instance, and where outputs are written until they are whole."""
        self._transform = transform
        self._limits = limits
        self._cut = transform.cut(limits)
        self._model = model
        self._store = store
        self._folder = folder
        self._log = log
        self._stopping = stopping
        self._waiting: deque[Waiting] = deque()
        self._sent = 0  # requests among them
        self._failures: dict[str, str] = {}

    def run(self, files: Iterable[tuple[str, StoredObject]]) -> dict[str, str]:
        """Transform files, given as (path below the input's prefix, object).

        Return why some have no output, by path.

        Raises OSError when the disk is full, and NoSuchBucket where the output's is not there.
        """
        with ThreadPoolExecutor(self._limits.concurrent, "transform") as pool:
            try:
                for path, source in files:
                    self._read(pool, path, source)
                while self._waiting:
                    self._settle()
            except Stopping:
                pass
            finally:
                for work, _, future in self._waiting:
                    if future:
                        future.cancel()
                    work.output.drop()
        return self._failures

    def _read(self, pool: ThreadPoolExecutor, path: str, source: StoredObject) -> None:
        """Send the requests of a file; its last ones are still in work when this returns."""
        work = Work(
            path, source, Output(self._folder, source, uri_of(self._transform.output, path))
        )
        if work.output.finished(self._store):
            return
        try:
            with opened(source, self._transform.source.gunzip) as stream:
                for payload in payloads(stream, self._cut):
                    self._make_room()
                    if work.failure:
                        break
                    self._waiting.append((work, payload, pool.submit(self._ask, payload.body)))
                    self._sent += 1
        except BadInput as error:
            work.broken = self._place(error.record, error.record), error
        except UNREADABLE as error:
            work.broken = "", ValueError(f"expected a whole gzip file, found: {error}")
        self._waiting.append((work, None, None))

    def _make_room(self) -> None:
        """Write the answers that are there; wait while too many requests are sent or to be sent."""
        while self._waiting:
            future = self._waiting[0][2]
            if future and not future.done() and self._sent < 2 * self._limits.concurrent:
                return
            self._settle()

    def _settle(self) -> None:
        """Write the oldest answer, or end its file."""
        if self._stopping.is_set():
            raise Stopping
        work, payload, future = self._waiting[0]
        if payload is None or future is None:
            self._end(work)
        elif work.failure:
            future.cancel()
        else:
            self._write(work, payload, future)
        self._waiting.popleft()
        self._sent -= future is not None

    def _write(self, work: Work, payload: Payload, future: Future[bytes]) -> None:
        processing = self._transform.processing
        try:
            answer = future.result()
            if processing and processing.rewrites:
                answer = processing.answer(payload.source, answer)
        except (Unanswered, ValueError) as error:
            self._fail(work, self._place(payload.first, payload.last), error)
            return
        work.output.write(answer)
        if self._transform.by_line:
            work.output.write(b"\n")

    def _end(self, work: Work) -> None:
        if work.broken:
            self._fail(work, *work.broken)
        if work.failure:
            self._failures[work.path] = work.failure
            work.output.drop()
        else:
            work.output.finish(self._store)

    def _fail(self, work: Work, where: str, error: Exception) -> None:
        if not work.failure:
            work.failure = f"{work.source.key}{where}: {error}"
            self._log.failed(work.source, where, error)

    def _place(self, first: int, last: int) -> str:
        """Return how messages name records: " line 7", " line 1 to line 9", "" for a whole file."""
        if not first:
            return ""
        unit = "line" if self._transform.split == "Line" else "record"
        return f" {unit} {first}" + (f" to {unit} {last}" if last > first else "")

    def _ask(self, body: bytes) -> bytes:
        job = self._transform
        return asking.ask(self._model, job.headers, body, job.timeout, job.retries, self._stopping)


@contextmanager
def opened(source: StoredObject, gunzip: bool) -> Iterator[BinaryIO]:
    """Open an object as a stream of what it holds."""
    with source.path.open("rb") as raw:
        if gunzip:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield raw
