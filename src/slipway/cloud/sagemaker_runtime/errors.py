"""What SageMaker Runtime says when an invocation fails, word for word. Pure."""

from slipway.cloud.rest_json_protocol import Refusal
from slipway.cloud.service import ServiceError
from slipway.hosting.exchange import Reply

LONGEST = 2048  # characters of a message


def log_group(endpoint: str) -> str:
    """Return the log group of an endpoint."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def sentence(reply: Reply, region: str, account: str, endpoint: str) -> str:
    """Return AWS's sentence about a model's answer that is no success; clients match it."""
    kind = "client" if 400 <= reply.status < 500 else "server"
    body = reply.body.decode("utf-8", "replace")
    return (
        f'Received {kind} error ({reply.status}) from {reply.source} with message "{body}". '
        f"See https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        f"#logEventViewer:group={log_group(endpoint)} in account {account} for more information."
    )


def model_error(reply: Reply, region: str, account: str, endpoint: str) -> Refusal:
    """Return the error of a model that answered with no 2xx, or with nothing of use (status 0)."""
    body = reply.body.decode("utf-8", "replace")
    # The sentence stays whole where the body is long: its end says where to look
    room = LONGEST - len(sentence(empty(reply), region, account, endpoint))
    shown = empty(reply, body[:room].encode()) if len(body) > room else reply
    caller = 400 <= reply.status < 500
    return Refusal(
        "ModelError",
        sentence(shown, region, account, endpoint),
        424,
        OriginalStatusCode=reply.status,
        OriginalMessage=body[:LONGEST],
        LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{log_group(endpoint)}",
        ErrorCode="CLIENT_ERROR_FROM_MODEL" if caller else "INTERNAL_FAILURE_FROM_MODEL",
    )


def empty(reply: Reply, body: bytes = b"") -> Reply:
    """Return a reply with another body."""
    return Reply(reply.status, reply.headers, body, reply.source, reply.seconds)


def not_found(endpoint: str, account: str) -> ServiceError:
    """Return the refusal of a name that no endpoint has, in this case of letters."""
    return invalid(f"Endpoint {endpoint} of account {account} not found.")


def not_in_service(endpoint: str, account: str, status: str) -> ServiceError:
    """Return the refusal of an endpoint that takes no requests."""
    return invalid(f"Endpoint {endpoint} of account {account} not found. Its status is {status}.")


def not_multi_model(endpoint: str) -> ServiceError:
    """Return the refusal of TargetModel where there is one model."""
    return invalid(
        f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header.",
        "TARGET_MODEL_HEADER_NOT_SUPPORTED",
    )


def unavailable(endpoint: str, variant: str) -> ServiceError:
    """Return the error when no instance takes requests."""
    text = (
        f"No instance of variant {variant} of endpoint {endpoint} takes requests: their model servers "
        f"have ended and are started again. Their logs are in {log_group(endpoint)}."
    )
    return ServiceError("ServiceUnavailable", text, 503)


def throttled() -> Refusal:
    """Return the error above a limit of concurrency; AWS's has no message."""
    return Refusal("ThrottlingException", None, 400)


def component_wanted() -> ServiceError:
    """Return the refusal where an endpoint of inference components is asked without one."""
    return invalid(
        "Inference Component Name header is required for endpoints to which you plan to deploy "
        "inference components. Please include Inference Component Name header or consider using "
        "SageMaker models."
    )


def no_component(endpoint: str, component: str) -> ServiceError:
    """Return the refusal of an inference component that an endpoint does not host."""
    return invalid(f"Endpoint {endpoint} hosts no inference component {component}.")


def no_capacity() -> ServiceError:
    """Return the refusal where an inference component has no copies."""
    return invalid(
        "Inference Component has no capacity to process this request. ApplicationAutoScaling may be "
        "in-progress (if configured) or try to increase the capacity by invoking "
        "UpdateInferenceComponentRuntimeConfig API."
    )


def component_unwanted() -> ServiceError:
    """Return the refusal where an endpoint without inference components is asked for one."""
    return invalid(
        "Inference Component Name header is not allowed for endpoints to which you dont plan to "
        "deploy inference components. Please remove the Inference Component Name header and try again."
    )


def still_loading(model: str) -> ServiceError:
    """Return the error while a multi-model container loads a model."""
    text = f"Model {model} is still being downloaded or loaded. Wait and try your request again."
    return ServiceError("ModelNotReadyException", text, 429)


def invalid(message: str, code: str = "") -> ServiceError:
    """Return a refusal of the request; `code` is AWS's finer one, where it has one."""
    if code:
        return Refusal("ValidationError", message, 400, ErrorCode=code)
    return ServiceError("ValidationError", message)
