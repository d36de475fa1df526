"""From a request to its answer: security, the service that owns the operation, else the ground."""

import logging
from dataclasses import replace

from slipway.cloud import (
    faults,
    json_protocol,
    own_path,
    query_protocol,
    rest_json_form,
    rest_json_protocol,
    rpc_protocol,
    security,
)
from slipway.cloud.authorization.guard import guard
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation import signals
from slipway.cloud.faults import Fault
from slipway.cloud.router import Route, route
from slipway.cloud.s3 import service as s3
from slipway.cloud.sagemaker_runtime import service as runtime
from slipway.cloud.service import Call
from slipway.cloud.services import MODULES, owned
from slipway.cloud.wire import Limited, Request, Response

LARGEST = 128 << 20  # bytes of a request that is no S3 object; a function's zip is the largest
log = logging.getLogger(__name__)


class Application:
    """Answer every AWS request on one address."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._guard = guard(cloud) if cloud.enforces_iam else None

    def __call__(self, request: Request) -> Response:
        """Answer one request; a fault of Slipway is told apart from a refusal, its trace in the log."""
        to = route(request, self._cloud.region)
        if reason := security.refusal(request):
            return faults.response(Fault(403, "AccessDenied", reason), request, to.service)
        try:
            if request.path.startswith(own_path.PREFIX):
                return own_path.answer(request)
            if request.path.startswith(signals.PREFIX):
                return signals.answer(self._cloud, request)
            return self.answer(request, to)
        except Exception as error:
            fault = faults.explain(error, self._cloud.home)
            if not fault.expected:
                log.exception("%s %s %s", to.service, to.operation or request.method, request.path)
            return faults.response(fault, request, to.service)

    def answer(self, request: Request, to: Route) -> Response:
        """Hand a request to the operation's owner, unless its caller may not have it."""
        if self._guard:
            request, refusal = self._guard.admit(request, to)
            if refusal:
                return refusal
        if to.service == "s3":
            return s3.answer(self._cloud, request)
        if to.service == "sagemaker-runtime":
            return runtime.answer(self._cloud, to, request)
        if to.service in MODULES and rest_json_form.speaks(to.service):
            name, in_path = rest_json_form.find(to.service, request)
            service = owned(to.service)
            if name in service.operations:
                call = Call(self._cloud, to.service, name, to.region, to.access_key)
                return rest_json_protocol.answer(call, service, request, in_path)
            if not service.ground:
                what = f"{to.service} {name or f'{request.method} {request.path}'}"
                raise NotImplementedError(what)
        request = replace(request, body=Limited(request.body, LARGEST))
        if to.service in MODULES:
            request = rpc_protocol.inflated(request)
            name, form = to.operation, None
            if not name and query_protocol.is_form(request):
                form, request = query_protocol.read(request)
                name = form.get("Action", "")
            service = owned(to.service)
            call = Call(self._cloud, to.service, name, to.region, to.access_key)
            if rpc_protocol.is_rpc(request):
                return rpc_protocol.answer(call, service, request)
            if name in service.operations:
                if form is not None:
                    return query_protocol.answer(call, service, form)
                return json_protocol.answer(call, service, request)
            if not service.ground:
                raise NotImplementedError(f"{name} of {to.service}")
        return self._cloud.ground.answer(request)
