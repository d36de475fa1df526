"""The ground: moto, in process, for every operation that Slipway does not own. The only import of moto."""

import io
import os
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from slipway.cloud.s3.index import Bucket
from slipway.cloud.wire import Request, Response

Mirror = Callable[[list[Bucket]], None]  # takes over the buckets of the ground


class Ground:
    """moto behind one method. Loaded at the first request that reaches it."""

    def __init__(self, mirror: Mirror) -> None:
        self._lock = threading.RLock()
        self._application: Any = None
        self._mirror = mirror

    def answer(self, request: Request) -> Response:
        """Let moto answer one request."""
        with self._lock:
            if self._application is None:
                os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                self._application = DomainDispatcherApplication(create_backend_app)
            answered: dict[str, Any] = {}

            def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
                answered.update(status=int(status.split()[0]), headers=tuple(headers))

            body = tuple(self._application(environ(request), start))
            self._mirror(buckets())
        return Response(answered["status"], answered["headers"], body)


def environ(request: Request) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    body = request.body.read()
    path = unquote_to_bytes(request.path).decode("latin-1")
    host, _, port = request.headers.get("host", "localhost").rpartition(":")
    return {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "RAW_URI": f"{request.path}?{request.query}" if request.query else request.path,
        "REQUEST_URI": f"{request.path}?{request.query}" if request.query else request.path,
        "QUERY_STRING": request.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": port if port.isdigit() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in request.headers.items()
        if name not in ("content-type", "content-length", "transfer-encoding")
    }


def buckets() -> list[Bucket]:
    """Return moto's buckets."""
    from moto.s3.models import s3_backends

    return [
        Bucket(bucket.name, bucket.region_name, bucket.versioning_status or "")
        for account in s3_backends.values()
        for backend in account.values()
        for bucket in backend.buckets.values()
    ]
