"""How a call to the AWS API can fail."""


class Refused(Exception):
    """The service said no; `fault` is the exception type that retry policies know it by."""

    def __init__(self, reason: str, fault: str | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault


class NoNews(Exception):
    """The service could not be asked, so nothing is known; it is asked again later."""
