"""A reply as scripts build it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sagemaker_containers.beta.framework import content_types


class Response:
    """A body, whole or in parts, with its status, type and headers."""

    default_mimetype = content_types.JSON

    def __init__(
        self,
        response: str | bytes | Iterable[str | bytes] | None = None,
        accept: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        mimetype: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        """Take the reply's members; `accept` and `direct_passthrough` have no meaning any more."""
        self.response: Any = b"" if response is None else response
        self.status_code = int(status)
        self.headers = dict(headers or {})
        self.mimetype = mimetype or self.default_mimetype
