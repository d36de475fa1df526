"""The data log of an instance: a line for each asynchronous request, beside its container's log."""

import time

from slipway.cloud.hosting import instances
from slipway.cloud.sagemaker_runtime.measured import Values
from slipway.cloud.service import Call
from slipway.jobs.log_file import LogWriter, stamp

ROOM = 1 << 30  # bytes that a log may have


def write(call: Call, endpoint: str, variant: str, host: str, inference_id: str, text: str) -> None:
    """Append a line to the stream `<variant>/<host>/data-log` of an endpoint's log group."""
    logs = instances.folder(call.cloud, call.region, endpoint) / "logs"
    path = logs / variant / host / "data-log.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    log = LogWriter(path, ROOM)
    log.say(f"{stamp(time.time())[:-1]}:[sagemaker logs] [{inference_id}] {text}")
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
