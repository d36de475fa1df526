"""What the platform writes into the log group of an endpoint, beside the containers' own lines."""

import time

from slipway.cloud.hosting import instances
from slipway.cloud.sagemaker_runtime.measured import Values
from slipway.cloud.service import Call
from slipway.jobs.log_file import LogWriter, stamp

ROOM = 1 << 30  # bytes that a log may have


def write(call: Call, endpoint: str, variant: str, host: str, inference_id: str, text: str) -> None:
    """Append a line about an asynchronous request to the stream `<variant>/<host>/data-log`."""
    append(call, endpoint, f"{variant}/{host}/data-log", f"[{inference_id}] {text}")


def cold(call: Call, endpoint: str, variant: str, host: str, seconds: float) -> None:
    """Append to an instance's own stream that a request waited for its start."""
    text = (
        f"Cold start: a request waited {seconds * 1000:.0f} ms for this instance (ModelSetupTime)"
    )
    append(call, endpoint, f"{variant}/{host}", text)


def append(call: Call, endpoint: str, stream: str, text: str) -> None:
    """Append a line to a stream of an endpoint's log group."""
    path = instances.folder(call.cloud, call.region, endpoint) / "logs" / f"{stream}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    log = LogWriter(path, ROOM)
    log.say(f"{stamp(time.time())[:-1]}:[sagemaker logs] {text}")
    log.close()


def good(values: Values) -> str:
    """Return what is said of a request that has its result. Pure."""
    shown = [
        f"{name}: {values[name][0]:.0f} {unit}"
        for name, unit in (
            ("ModelLatency", "us"),
            ("RequestDownloadLatency", "us"),
            ("ResponseUploadLatency", "us"),
            ("TimeInBacklog", "ms"),
            ("TotalProcessingTime", "ms"),
        )
        if name in values
    ]
    return f"Inference request succeeded. {', '.join(shown)}"
