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


def reason(error: BaseException, kind: str, token: str) -> str:
    """Return the ResourceStatusReason of an error with a resource of a type."""
    if isinstance(error, ClientError):
        said, meta = error.response["Error"], error.response.get("ResponseMetadata", {})
        details = (
            f"(Service: {service(kind)}, Status Code: {meta.get('HTTPStatusCode', 400)}, "
            f"Request ID: {meta.get('RequestId', '')})"
        )
        code = HANDLER.get(said["Code"], "GeneralServiceException")
        return (
            f'Resource handler returned message: "{said.get("Message") or said["Code"]} {details}" '
            f"(RequestToken: {token}, HandlerErrorCode: {code})"
        )
    if isinstance(error, NotYet):
        return f"the resource {error} that it refers to was not made"
    if isinstance(error, Failed | TemplateError):
        return str(error)
    if isinstance(error, NotImplementedError):
        return f"the local cloud does not have this: {error}"
    if isinstance(error, BotoCoreError):
        return f"a service of the local cloud did not answer: {error}"
    return f"an error in Slipway: {error!r}; cloud.log has its trace"


def service(kind: str) -> str:
    """Return a service's name as such reasons have it: AWS::SSM::Parameter is of "Ssm"."""
    name = kind.split("::")[1] if kind.count("::") == 2 else kind
    return name.title() if name.isupper() else name
