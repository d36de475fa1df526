"""The data log of an instance: what was decided and what failed, in the lines that SageMaker writes."""

from datetime import UTC, datetime
from pathlib import Path

from slipway.hosting.transform.asking import Unanswered
from slipway.hosting.transform.plan import Limits
from slipway.jobs.log_file import LogWriter
from slipway.jobs.storage import StoredObject

UNANSWERED = "Unable to get response from algorithm"


class DataLog:
    """The file of one instance's data log."""

    def __init__(self, path: Path, limit: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = LogWriter(path, limit)

    def begins(self, limits: Limits) -> None:
        """Write the limits that hold."""
        self._say(
            f"MaxConcurrentTransforms={limits.concurrent}, MaxPayloadInMB={limits.payload}, "
            f"BatchStrategy={limits.strategy}"
        )

    def failed(self, source: StoredObject, where: str, error: Exception) -> None:
        """Write why an object has no output; `where` is " line 7", or "" for all of it."""
        name = f"{source.bucket}/{source.key}"
        if isinstance(error, Unanswered):
            status = f"ClientError: {error.status}"
            lines = [status if error.status else UNANSWERED, "Message:", error.said]
        else:
            lines = [f"ClientError: {error}"]
        if where:
            lines.append(f"This was{where}.")
        for line in lines:
            self._say(f"{name}: {line}")

    def close(self) -> None:
        """Write no more."""
        self._writer.close()

    def _say(self, text: str) -> None:
        now = datetime.now(UTC)
        for line in text.splitlines():
            self._writer.say(
                f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}:[sagemaker logs]: {line}"
            )
