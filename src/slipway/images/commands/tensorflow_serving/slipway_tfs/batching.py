"""Dynamic batching as TensorFlow Serving does it: rows of several requests become one call of a model.

A request joins the batch that is open for its signature and its shapes. A batch goes to a thread when
it is full, or when it has waited for the timeout. A request with more rows than a batch holds is
divided, and its answer put together again. Only shapes that agree are merged.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from slipway_tfs.failure import Refused
from slipway_tfs.settings import Batching

Arrays = Mapping[str, Any]  # numpy arrays by name, whose first dimension is the rows
Run = Callable[[Arrays], Arrays]
UNEQUAL = (
    "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the "
    "input tensors"
)
FULL = "The batch scheduling queue to which this task was submitted is full"


@dataclass(eq=False)
class _Part:
    """Rows of one request."""

    inputs: Arrays
    rows: int
    done: "Future[Arrays]" = field(default_factory=Future)


@dataclass(eq=False)
class _Batch:
    """Parts that are run together."""

    queue: Hashable
    key: Hashable
    run: Run
    since: float
    parts: list[_Part] = field(default_factory=list)
    rows: int = 0


class Scheduler:
    """Threads that run batches, the oldest first."""

    def __init__(self, settings: Batching) -> None:
        """Start the threads."""
        self._settings = settings
        self._changed = threading.Condition()
        self._waiting: deque[_Batch] = deque()  # in the order of their first request
        self._open: dict[Hashable, _Batch] = {}  # by queue and shapes
        self._enqueued: Counter[Hashable] = Counter()  # batches by queue
        self._running = 0  # batches
        for number in range(settings.threads):
            threading.Thread(target=self._work, name=f"batch-{number}", daemon=True).start()

    def call(self, queue: Hashable, run: Run, inputs: Arrays) -> Arrays:
        """Return `run(inputs)`, run together with others' rows.

        Args:
            queue: What may be merged at all: a signature of a version of a model.
            run: The signature; its outputs have as many rows as its inputs.
            inputs: Arrays with equally many rows.

        Refused (503) where too many batches of the queue wait already.
        """
        most = self._settings.max_batch_size
        parts = [_Part(piece, _rows(piece)) for piece in split(inputs, most)]
        with self._changed:
            alone = len(parts) == 1 and self._idle()
            if alone:
                self._running += 1
            else:
                self._enqueue(queue, run, parts)
        if not alone:
            return join([part.done.result() for part in parts])
        try:  # in the caller's own thread: nobody has to be woken up
            return run(inputs)
        finally:
            self._end()

    def _idle(self) -> bool:
        """Return whether a batch would run at once, and with nobody else's rows."""
        waits = self._settings.timeout or self._waiting
        return not waits and self._running < self._settings.threads

    def _enqueue(self, queue: Hashable, run: Run, parts: list[_Part]) -> None:
        most, arrays = self._settings.max_batch_size, sorted(parts[0].inputs.items())
        key = (queue, tuple((name, a.dtype.str, a.shape[1:]) for name, a in arrays))
        batch = self._open.get(key)
        joins = batch is not None and batch.rows + parts[0].rows <= most
        if self._enqueued[queue] + len(parts) - joins > self._settings.max_enqueued:
            raise Refused(FULL, 503)
        for part in parts:
            if batch is None or batch.rows + part.rows > most:
                batch = self._open[key] = _Batch(queue, key, run, time.monotonic())
                self._waiting.append(batch)
                self._enqueued[queue] += 1
            batch.parts.append(part)
            batch.rows += part.rows
        self._changed.notify(len(parts))

    def _work(self) -> None:
        while True:
            with self._changed:
                batch = self._take()
                self._running += 1
            _run(batch)
            self._end()

    def _end(self) -> None:
        with self._changed:
            self._running -= 1
            if self._waiting:
                self._changed.notify()

    def _take(self) -> _Batch:
        """Wait for the first batch that is full or has waited long enough."""
        while True:
            if self._running >= self._settings.threads:
                self._changed.wait()
                continue
            now, soonest = time.monotonic(), None
            for batch in self._waiting:
                closed = self._open.get(batch.key) is not batch
                due = batch.since + self._settings.timeout
                if closed or batch.rows >= self._settings.max_batch_size or due <= now:
                    self._waiting.remove(batch)
                    if not closed:
                        del self._open[batch.key]
                    self._enqueued[batch.queue] -= 1
                    return batch
                soonest = due if soonest is None else min(soonest, due)
            self._changed.wait(None if soonest is None else soonest - now)


def _run(batch: _Batch) -> None:
    """Run a batch; where it fails, each part on its own, so that nobody gets another's error."""
    parts = batch.parts
    try:
        outputs = batch.run(join([part.inputs for part in parts]))
        if len(parts) > 1 and any(_rows({n: a}) != batch.rows for n, a in outputs.items()):
            raise Refused(UNEQUAL)
    except Exception as error:
        if len(parts) == 1:
            parts[0].done.set_exception(error)
            return
        for part in parts:
            _run(_Batch(batch.queue, batch.key, batch.run, 0.0, [part], part.rows))
        return
    start = 0
    for part in parts:
        end = start + part.rows
        part.done.set_result(
            outputs if len(parts) == 1 else {n: a[start:end] for n, a in outputs.items()}
        )
        start = end


def split(inputs: Arrays, most: int) -> list[Arrays]:
    """Return the inputs in pieces of at most so many rows; Refused where they have no common rows."""
    rows = {len(a) if a.ndim else -1 for a in inputs.values()}
    if len(rows) != 1 or -1 in rows:
        raise Refused("Batching input tensors must have equal 0th-dimension size")
    total = rows.pop()
    if total <= most:
        return [inputs]
    return [
        {name: a[start : start + most] for name, a in inputs.items()}
        for start in range(0, total, most)
    ]


def join(pieces: list[Arrays]) -> Arrays:
    """Return pieces as one, row after row; Refused where they have no rows."""
    if len(pieces) == 1:
        return pieces[0]
    if any(not a.ndim for piece in pieces for a in piece.values()):
        raise Refused(UNEQUAL)
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _rows(arrays: Arrays) -> int:
    return next((len(a) if a.ndim else -1 for a in arrays.values()), 0)
