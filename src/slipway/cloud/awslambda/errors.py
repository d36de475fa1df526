"""The refusals of AWS Lambda, in its words."""

from slipway.cloud.rest_json_protocol import Refusal


def refusal(code: str, message: str, status: int = 400, **members: str | int) -> Refusal:
    """Return a refusal; Lambda's error documents say whose fault it is."""
    return Refusal(code, message, status, Type="User", **members)


def invalid(message: str) -> Refusal:
    """Return the refusal of a parameter."""
    return refusal("InvalidParameterValueException", message)


def not_found(message: str) -> Refusal:
    """Return the refusal of what names a thing that is not there."""
    return refusal("ResourceNotFoundException", message, 404)


def conflict(message: str) -> Refusal:
    """Return the refusal of what is there already, or not in the state for it."""
    return refusal("ResourceConflictException", message, 409)


def changed() -> Refusal:
    """Return the refusal of a request that names an older revision."""
    text = (
        "The Revision Id provided does not match the latest Revision Id. Call the "
        "GetFunction/GetAlias API to retrieve the latest Revision Id"
    )
    return refusal("PreconditionFailedException", text, 412)


def throttled(reason: str) -> Refusal:
    """Return the refusal of an invocation for which there is no room."""
    return refusal("TooManyRequestsException", "Rate Exceeded.", 429, Reason=reason)
