"""The WSGI application: route a request to the service that owns its operation, else to the ground."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from slipway.cloud import json_protocol
from slipway.cloud.cloud import Cloud
from slipway.cloud.router import route
from slipway.cloud.service import Call
from slipway.cloud.services import MODULES, owned
from slipway.cloud.wire import Request, Response

log = logging.getLogger(__name__)


class Application:
    """Answer every AWS request on one address."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one WSGI request."""
        try:
            response = self.answer(read(environ))
        except Exception:
            log.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            fault = {"__type": "InternalFailure", "message": "an error in Slipway; see cloud.log"}
            response = json_protocol.respond(500, fault)
        reason = HTTPStatus(response.status).phrase
        start_response(f"{response.status} {reason}", list(response.headers))
        return response.body

    def answer(self, request: Request) -> Response:
        """Hand a request to the operation's owner."""
        to = route(request, self._cloud.region)
        if to.service in MODULES:
            operation = owned(to.service).operations.get(to.operation)
            if operation:
                call = Call(self._cloud, to.service, to.operation, to.region, to.access_key)
                return json_protocol.answer(call, operation, request)
        return self._cloud.ground.answer(request)


def read(environ: dict[str, Any]) -> Request:
    """Return the request that a WSGI environment describes."""
    headers = {k[5:].replace("_", "-").lower(): v for k, v in environ.items() if k[:5] == "HTTP_"}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    path = environ.get("REQUEST_URI", environ["PATH_INFO"]).partition("?")[0]
    return Request(
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        headers,
        environ["wsgi.input"],
        environ,
    )
