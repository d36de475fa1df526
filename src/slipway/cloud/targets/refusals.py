"""Why something could not be sent, in the codes that dead letters carry. Pure."""

from botocore.exceptions import ClientError

# A word of the API's error code → the code of a dead letter, and whether it is tried again
CODES = (
    ("Throttl", "THROTTLING", True),
    ("TooManyRequests", "THROTTLING", True),
    ("LimitExceeded", "RESOURCE_LIMIT_EXCEEDED", True),
    ("AccessDenied", "NO_PERMISSIONS", False),
    ("NotAuthorized", "NO_PERMISSIONS", False),
    ("AuthorizationError", "NO_PERMISSIONS", False),
    ("NotFound", "NO_RESOURCE", False),
    ("NonExistentQueue", "NO_RESOURCE", False),
    ("DoesNotExist", "NO_RESOURCE", False),
    ("InvalidRequestContent", "INVALID_JSON", False),
    ("Conflict", "RESOURCE_MODIFICATION_COLLISION", True),
)


class Undelivered(Exception):
    """An attempt that failed."""

    def __init__(self, code: str, message: str, *, again: bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.again = code, message, again


def of_client(error: ClientError) -> Undelivered:
    """Return what an API's refusal means for a delivery."""
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message")
    text = f"{error.operation_name}: {code}: {message or ''}"
    for word, named, again in CODES:
        if word in code:
            return Undelivered(named, text, again=again)
    if "does not exist" in text or "not found" in text.lower():
        return Undelivered("NO_RESOURCE", text, again=False)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        return Undelivered("ERROR_FROM_TARGET", text, again=True)
    return Undelivered("SDK_CLIENT_ERROR", text, again=False)
