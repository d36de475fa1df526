"""The operations of SageMaker Runtime, all of which Slipway owns."""

from slipway.cloud import rest_json_form, rest_json_protocol
from slipway.cloud.cloud import Cloud
from slipway.cloud.router import Route
from slipway.cloud.sagemaker_runtime import asynchronous, backlog, invoke, samples, shadow, stream
from slipway.cloud.sagemaker_runtime.coverage import COVERAGE
from slipway.cloud.sagemaker_runtime.settings import settings
from slipway.cloud.service import Call, Operation, Service, ServiceError
from slipway.cloud.wire import Request, Response

NAME = "sagemaker-runtime"
OPERATIONS: dict[str, Operation] = {
    **invoke.OPERATIONS,
    **stream.OPERATIONS,
    **asynchronous.OPERATIONS,
}


def start(cloud: Cloud) -> None:
    """Take up what the last process left unfinished; BadSetting for a setting that is no number."""
    settings()
    backlog.take_up(cloud)
    samples.start(cloud)


def stop(cloud: Cloud) -> None:
    """Let go of everything that runs."""
    samples.stop(cloud)
    backlog.stop(cloud)
    shadow.stop(cloud)


SERVICE = Service(NAME, OPERATIONS, COVERAGE, start, stop, invalid="ValidationError")


def answer(cloud: Cloud, to: Route, request: Request) -> Response:
    """Answer a request below /endpoints/."""
    name, in_path = rest_json_form.find(NAME, request)
    if name not in OPERATIONS:
        text = f"there is no operation {request.method} {request.path}"
        return rest_json_protocol.refuse(ServiceError("UnknownOperationException", text, 404), "")
    call = Call(cloud, NAME, name, to.region, to.access_key)
    return rest_json_protocol.answer(call, SERVICE, request, in_path)
