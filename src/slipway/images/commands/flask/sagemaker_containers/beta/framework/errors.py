"""The errors of the stack."""


class ClientError(Exception):
    """An error of the user's script, or in what the user sent."""


class UnsupportedFormatError(Exception):
    """A content type that nothing reads or writes: 415 or 406."""

    def __init__(self, content_type: str) -> None:
        """Take the content type that was asked for."""
        self.message = (
            f"Content type {content_type} is not supported by this framework. An input_fn of the "
            "script can read it, an output_fn can write it."
        )
        super().__init__(self.message)
