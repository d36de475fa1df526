"""The ground: moto, in process, for every operation that Slipway does not own. The only import of moto."""

import functools
import hashlib
import io
import logging
import os
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from slipway.cloud.journal import Entry, Journal, changes, entry, operation
from slipway.cloud.pinned import pin, pinned
from slipway.cloud.s3.index import Bucket
from slipway.cloud.wire import CHUNK, Request, Response

Mirror = Callable[[list[Bucket]], None]  # takes over the buckets of the ground
SETTINGS = {
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # web pages have no business here
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}
log = logging.getLogger(__name__)


class Ground:
    """moto behind one method, made durable by a journal. Loaded when a request first reaches it."""

    def __init__(self, journal: Journal, mirror: Mirror) -> None:
        self._journal = journal
        self._mirror = mirror
        self._lock = threading.RLock()
        self._moto: Moto | None = None

    def answer(self, request: Request) -> Response:
        """Let moto answer one request; what changes something is in the journal before it happens."""
        asked = entry(*parts(request))
        with self._lock:
            moto = self._loaded()
            if not changes(asked):
                return moto.answer(asked)
            number = self._journal.write(asked)
            try:
                response = moto.make(asked)
            except NotImplementedError:
                self._journal.strike(number)
                raise
            if response.status >= 400:
                self._journal.strike(number)
            self._mirror(moto.buckets())
        return response

    def _loaded(self) -> "Moto":
        if self._moto is None:
            moto, count = Moto(*self._journal.birth()), 0
            for past in self._journal.entries():
                count += 1
                try:
                    response = moto.make(past)
                except Exception as error:  # it failed the first time too, and did half of its work
                    log.warning("entry %s of the journal fails again: %r", past.sequence, error)
                    continue
                if response.status >= 400:
                    what = (past.sequence, past.method, past.path, response.status)
                    log.error("entry %s of the journal (%s %s) is now refused: %s", *what)
            self._mirror(moto.buckets())
            self._moto = moto
            log.info("the ground is loaded, %s requests made again", count)
        return self._moto


class Moto:
    """moto's server application, and the state that it keeps in memory."""

    def __init__(self, born: float, seed: int) -> None:
        os.environ.update(SETTINGS)
        from moto.moto_api._internal import mock_random
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from moto.s3.models import s3_backends

        self._application = DomainDispatcherApplication(create_backend_app)
        self._dice = mock_random
        self._pinned_modules: set[str] = set()
        self._s3 = s3_backends
        self._repeatable_backends(born, seed)

    def _repeatable_backends(self, born: float, seed: int) -> None:
        """Make a service's first state (a default VPC, say) depend on its name only."""
        from moto.core.base_backend import AccountSpecificBackend, BackendDict

        BackendDict.reset()  # a cloud begins with its journal alone
        make = vars(AccountSpecificBackend.__getitem__).get(
            "__wrapped__", AccountSpecificBackend.__getitem__
        )

        @functools.wraps(make)
        def getitem(backends: Any, region: str) -> Any:
            if region in backends.keys():  # noqa: SIM118 (`in` also knows regions not made yet)
                return make(backends, region)
            pin("moto", self._dice, self._pinned_modules)
            name = f"{seed}/{backends.service_name}/{backends.account_id}/{region}"
            own = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
            with pinned(born, own, self._dice):
                return make(backends, region)

        AccountSpecificBackend.__getitem__ = getitem  # type: ignore[method-assign]

    def make(self, asked: Entry) -> Response:
        """Answer a request that changes something, by its own clock and dice."""
        self._application.get_application(environ(asked))  # loads the service
        pin("moto", self._dice, self._pinned_modules)
        with pinned(asked.time, asked.seed, self._dice):
            return self.answer(asked)

    def answer(self, asked: Entry) -> Response:
        """Answer a request."""
        answered: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            answered.update(status=int(status.split()[0]), headers=tuple(headers))

        if asked.path.startswith("/moto-api"):
            raise NotImplementedError("moto's own interface, which would lose the journal")
        body = b"".join(self._application(environ(asked), start))
        status, headers = answered["status"], answered["headers"]
        if status >= 400 and ("Content-Type", "text/html; charset=utf-8") in headers:
            raise NotImplementedError(f"{asked.method} {asked.path} ({operation(asked) or 'REST'})")
        return Response(status, headers, (body,))

    def buckets(self) -> list[Bucket]:
        """Return all buckets."""
        return [
            Bucket(bucket.name, bucket.region_name, bucket.versioning_status or "")
            for account in self._s3.values()
            for backend in account.values()
            for bucket in backend.buckets.values()
        ]


def parts(request: Request) -> tuple[str, str, str, dict[str, str], bytes]:
    """Return a request's method, path, query, headers and whole body."""
    chunks = []
    while chunk := request.body.read(CHUNK):
        chunks.append(chunk)
    body = b"".join(chunks)
    return request.method, request.path, request.query, dict(request.headers), body


def environ(asked: Entry) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    path = unquote_to_bytes(asked.path).decode("latin-1")
    target = f"{asked.path}?{asked.query}" if asked.query else asked.path
    host, _, port = asked.headers.get("host", "localhost").partition(":")
    headers = {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in asked.headers.items()
        if name != "content-type"
    }
    return headers | {
        "REQUEST_METHOD": asked.method,
        "PATH_INFO": path,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "QUERY_STRING": asked.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
