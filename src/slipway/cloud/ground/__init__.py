"""The ground: everything AWS that Slipway does not own, made durable by a journal. moto, in process."""

import functools
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.ground import queues
from slipway.cloud.ground.journal import Journal, changes, entry, operation
from slipway.cloud.ground.moto import Moto
from slipway.cloud.ground.outside import Made, Recorded
from slipway.cloud.ground.queue_metrics import Tell, ends
from slipway.cloud.outbox import Outbox
from slipway.cloud.router import route
from slipway.cloud.s3.store import Store
from slipway.cloud.wire import CHUNK, Request, Response

# Operations that are a service's daily work: they change no resource's configuration
TRAFFIC = re.compile(
    r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?|Publish(Batch)?"
    r"|Encrypt|Decrypt|ReEncrypt|Sign|GenerateDataKey\w*|PutEvents|PutMetricData|PutLogEvents"
)

log = logging.getLogger(__name__)


class Ground:
    """moto behind one method, made durable by a journal. Loaded when a request first reaches it."""

    def __init__(self, journal: Journal, store: Store, outbox: Outbox) -> None:
        self._journal = journal
        self._outbox = outbox
        self._store = store
        self._lock = threading.RLock()
        self._moto: Moto | None = None
        self._versions: Counter[str] = Counter()
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._tells: Tell | None = None
        self._told = 0.0  # until when it was told what is in the queues, epoch seconds

    def version(self, service: str) -> int:
        """Return a number that rises with every change to the resources of a service."""
        return self._versions[service]

    def warm(self) -> None:
        """Make the journal's requests again now, before somebody waits for it."""
        with self._lock:
            self._loaded()

    def empty(self) -> bool:
        """Return whether nothing was ever made on the ground."""
        return next(self._journal.entries(), None) is None

    def answer(self, request: Request) -> Response:
        """Let moto answer one request; what changes something is in the journal before it happens."""
        asked = entry(*parts(request))
        with self._lock:
            moto = self._loaded()
            if not changes(asked):
                return moto.answer(asked)
            self._look(asked.time)
            number = self._journal.write(asked)
            made = Made(functools.partial(self._journal.record, number))
            try:
                response = moto.make(asked, made)
            except NotImplementedError:
                self._journal.strike(number)
                raise
            if response.status >= 400 or made.idle:
                self._journal.strike(number)
            else:
                self._journal.note(number, operation(asked), made.messages, made.deleted)
            self._store.index.mirror(moto.buckets())
            if not TRAFFIC.fullmatch(operation(asked)):
                self._versions[route(request, "").service] += 1
        if not made.idle:
            for listener in self._listeners:
                listener()
        return response

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a function after every change, in the thread of whoever asked for it."""
        self._listeners = (*self._listeners, listener)

    def measure(self, tell: Tell) -> None:
        """Have what SQS says of its queues told to a function."""
        self._tells = tell

    def look(self) -> None:
        """Tell what was in the queues at the end of every minute until now.

        It is done too before something changes, so between two looks the queues are as they were.
        """
        if self._moto is not None and ends(self._told, now()):
            with self._lock:
                self._look(now())

    def _look(self, until: float) -> None:
        if self._moto is not None and (minutes := ends(self._told, until)):
            self._told = until
            self._moto.tell(minutes)

    def _tell(self, region: str, queue: str, values: Mapping[str, float], at: float) -> None:
        if self._tells:
            self._tells(region, queue, values, at)

    def next_message(self, account: str, region: str, queue: str) -> float | None:
        """Return when a queue has a message to be received, epoch seconds; None where none is in it."""
        with self._lock:
            self._loaded()
            return queues.next_message(account, region, queue)

    def _hand(self, notice: dict[str, Any]) -> None:
        """Take over a message of a topic, to be sent when the request is answered."""
        self._outbox.put("sns", notice["subscription"], notice)

    def _loaded(self) -> "Moto":
        if self._moto is None:
            moto, count = Moto(self._store, self._hand, self._tell, *self._journal.birth()), 0
            for past in self._journal.entries():
                count += 1
                again = Recorded(self._journal.recorded(past.sequence))
                try:
                    response = moto.make(past, again)
                except Exception as error:  # it failed the first time too, and did half of its work
                    log.warning("entry %s of the journal fails again: %r", past.sequence, error)
                    continue
                # Also what a killed cloud had no time to note
                self._journal.note(past.sequence, operation(past), again.messages, again.deleted)
                if response.status >= 400:
                    what = (past.sequence, past.method, past.path, response.status)
                    log.error("entry %s of the journal (%s %s) is now refused: %s", *what)
            self._store.index.mirror(moto.buckets())
            self._moto, self._told = moto, now()
            log.info("the ground is loaded, %s requests made again", count)
        return self._moto


def parts(request: Request) -> tuple[str, str, str, dict[str, str], bytes]:
    """Return a request's method, path, query, headers and whole body."""
    chunks = []
    while chunk := request.body.read(CHUNK):
        chunks.append(chunk)
    body = b"".join(chunks)
    return request.method, request.path, request.query, dict(request.headers), body
