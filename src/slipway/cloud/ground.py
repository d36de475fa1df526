"""The ground: moto, in process, for every operation that Slipway does not own. The only import of moto."""

import threading
from collections.abc import Iterable
from typing import Any

from slipway.cloud.wire import Request, Response


class Ground:
    """moto behind one method. Loaded at the first request that reaches it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._application: Any = None

    def answer(self, request: Request) -> Response:
        """Let moto answer one request."""
        with self._lock:
            if self._application is None:
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                self._application = DomainDispatcherApplication(create_backend_app)
            answered: dict[str, Any] = {}

            def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
                answered.update(status=int(status.split()[0]), headers=tuple(headers))

            chunks: Iterable[bytes] = self._application(dict(request.environ), start)
            body = tuple(chunks)
        return Response(answered["status"], answered["headers"], body)
