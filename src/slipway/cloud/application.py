"""From a request to its answer: security, the service that owns the operation, else the ground."""

import logging

from slipway.cloud import json_protocol, query_protocol
from slipway.cloud.cloud import Cloud
from slipway.cloud.router import route
from slipway.cloud.s3 import service as s3
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.services import MODULES, owned
from slipway.cloud.wire import Request, Response

log = logging.getLogger(__name__)


class Application:
    """Answer every AWS request on one address."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, request: Request) -> Response:
        """Answer one request; a fault of Slipway is a 500 of its own kind, its trace in the log."""
        try:
            return self.answer(request)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            fault = ServiceError("InternalFailure", "an error in Slipway; see cloud.log", 500)
            if query_protocol.is_form(request):
                return query_protocol.refuse(fault)
            return json_protocol.refuse(fault)

    def answer(self, request: Request) -> Response:
        """Hand a request to the operation's owner."""
        to = route(request, self._cloud.region)
        if to.service == "s3":
            return s3.answer(self._cloud, request)
        if to.service in MODULES:
            name, form = to.operation, None
            if not name and query_protocol.is_form(request):
                form, request = query_protocol.read(request)
                name = form.get("Action", "")
            operation = owned(to.service).operations.get(name)
            if operation:
                call = Call(self._cloud, to.service, name, to.region, to.access_key)
                if form is not None:
                    return query_protocol.answer(call, operation, form)
                return json_protocol.answer(call, operation, request)
        return self._cloud.ground.answer(request)
