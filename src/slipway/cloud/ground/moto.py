"""moto's server application: the state it keeps in memory, and how a request reaches it.

Nothing outside of this package imports moto.
"""

import functools
import hashlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from slipway.cloud.ground import (
    glue_jobs,
    grants,
    log_groups,
    notices,
    objects,
    queues,
    redrive,
    secrets,
)
from slipway.cloud.ground.journal import Entry, operation
from slipway.cloud.ground.outside import Outside, using
from slipway.cloud.ground.pinned import pin, pinned
from slipway.cloud.ground.queue_metrics import MINUTE, Tell, standing
from slipway.cloud.s3.index import Bucket
from slipway.cloud.s3.store import Store
from slipway.cloud.wire import Response

SETTINGS = {
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # web pages have no business here
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}
log = logging.getLogger(__name__)


class Moto:
    """moto's server application, and the state that it keeps in memory."""

    def __init__(
        self, store: Store, hand: notices.Hand, tell: Tell, born: float, seed: int
    ) -> None:
        os.environ.update(SETTINGS)
        from moto import backends
        from moto.moto_api._internal import mock_random
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from moto.s3.models import s3_backends

        services = tuple(backends.list_of_moto_modules())
        backends.list_of_moto_modules = lambda: iter(services)  # else it reads a folder per request
        self._application = DomainDispatcherApplication(create_backend_app)
        self._dice = mock_random
        self._pinned_modules: set[str] = set()
        self._seen = 0  # modules of the process when they were last looked through
        self._s3 = s3_backends
        self._hand, self._tell = hand, tell
        self._repeatable_backends(born, seed)
        objects.bridge(store)

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
            self._pin()
            name = f"{seed}/{backends.service_name}/{backends.account_id}/{region}"
            own = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
            with pinned(born, own, self._dice):
                return make(backends, region)

        AccountSpecificBackend.__getitem__ = getitem  # type: ignore[method-assign]

    def _pin(self) -> None:
        """Give the modules that were loaded since the last time the pinned clock and dice."""
        if len(sys.modules) != self._seen:
            self._seen = len(sys.modules)
            for each in (glue_jobs, grants, log_groups, redrive, secrets):
                each.mend()
            pin("moto", self._dice, self._pinned_modules)

    def make(self, asked: Entry, outside: Outside) -> Response:
        """Answer a request that changes something, by its own clock and dice and what is outside."""
        wsgi = environ(asked)
        application = self._application.get_application(wsgi)  # loads the service
        self._pin()
        if "moto.sqs.models" in sys.modules:
            queues.bridge(self._tell)
        if operation(asked) in ("Publish", "PublishBatch"):
            notices.bridge(self._hand)
        with pinned(asked.time, asked.seed, self._dice), using(outside):
            return run(application, wsgi, asked)

    def answer(self, asked: Entry) -> Response:
        """Answer a request that only reads."""
        wsgi = environ(asked)
        return run(self._application.get_application(wsgi), wsgi, asked)

    def tell(self, minutes: Sequence[int]) -> None:
        """Tell what is in the queues at the ends of minutes in which nothing changed them."""
        if "moto.sqs.models" not in sys.modules:
            return
        from moto.sqs.models import sqs_backends

        for account in sqs_backends.values():
            for region, backend in account.items():
                for queue in backend.queues.values():
                    for end, values in standing(queue, minutes):
                        self._tell(region, queue.name, values, end - MINUTE)

    def buckets(self) -> list[Bucket]:
        """Return all buckets."""
        return [
            Bucket(
                bucket.name,
                bucket.region_name,
                bucket.versioning_status or "",
                objects.encryption(bucket.encryption),
                objects.tells_eventbridge(bucket.notification_configuration),
            )
            for account in self._s3.values()
            for backend in account.values()
            for bucket in backend.buckets.values()
        ]


def run(application: Any, wsgi: dict[str, Any], asked: Entry) -> Response:
    """Let the application of a service answer; NotImplementedError for a page of Flask's."""
    answered: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        answered.update(status=int(status.split()[0]), headers=tuple(headers))

    if wsgi["PATH_INFO"].startswith("/moto-api"):  # decoded: `/%6doto-api` leads there too
        raise NotImplementedError("moto's own interface, which would lose the journal")
    body = b"".join(application(wsgi, start))
    status, headers = answered["status"], answered["headers"]
    if status >= 400 and ("Content-Type", "text/html; charset=utf-8") in headers:
        raise NotImplementedError(f"{asked.method} {asked.path} ({operation(asked) or 'REST'})")
    return Response(status, headers, (body,))


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
