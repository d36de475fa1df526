"""What an event says of a resource that failed. Pure."""

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud.cloudformation.functions import NotYet
from slipway.cloud.cloudformation.resource import Failed
from slipway.cloud.cloudformation.text import TemplateError

HANDLER = {  # a service's error code → the handler's, which clients read
    "AccessDenied": "AccessDenied",
    "AccessDeniedException": "AccessDenied",
    "AlreadyExistsException": "AlreadyExists",
    "BucketAlreadyExists": "AlreadyExists",
    "BucketAlreadyOwnedByYou": "AlreadyExists",
    "EntityAlreadyExists": "AlreadyExists",
    "NoSuchEntity": "NotFound",
    "ResourceAlreadyExistsException": "AlreadyExists",
    "ResourceInUse": "ResourceConflict",
    "ResourceLimitExceeded": "ServiceLimitExceeded",
    "ResourceNotFoundException": "NotFound",
    "Throttling": "Throttling",
    "ThrottlingException": "Throttling",
    "ValidationError": "InvalidRequest",
    "ValidationException": "InvalidRequest",
}


def expected(error: BaseException) -> bool:
    """Tell whether an error is a refusal, and no bug of ours."""
    return isinstance(error, ClientError | Failed | TemplateError | NotYet | NotImplementedError)


def reason(error: BaseException, token: str) -> str:
    """Return the ResourceStatusReason of an error."""
    if isinstance(error, ClientError):
        said, meta = error.response["Error"], error.response.get("ResponseMetadata", {})
        service = getattr(error, "operation_name", "")
        status = meta.get("HTTPStatusCode", 400)
        code = HANDLER.get(said["Code"], "GeneralServiceException")
        message = f"{said.get('Message') or said['Code']} (Operation: {service}, "
        message += f"Error Code: {said['Code']}, Status Code: {status})"
        return f'Resource handler returned message: "{message}" (RequestToken: {token}, HandlerErrorCode: {code})'
    if isinstance(error, NotYet):
        return f"the resource {error} that it refers to was not made"
    if isinstance(error, Failed | TemplateError):
        return str(error)
    if isinstance(error, NotImplementedError):
        return f"the local cloud does not have this: {error}"
    if isinstance(error, BotoCoreError):
        return f"a service of the local cloud did not answer: {error}"
    return f"an error in Slipway: {error!r}; cloud.log has its trace"
