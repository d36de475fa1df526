"""The program of an execution environment: it imports the handler and calls it. Standard library only.

python -I -S bootstrap.py CONTROL OUTPUT PATH…    (two descriptors; the folders ahead on sys.path)

On CONTROL it says that it is ready, or what is wrong with the handler; then each frame from there is an
event, and each frame back a result. A frame is two lengths, a JSON header, and a payload.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import resource
import socket
import struct
import sys
import time
import traceback

TYPE_CHECKING = False  # `typing` takes a while to load
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from io import BufferedRWPair
    from typing import Any

    Header = dict[str, Any]

FRAME = struct.Struct(">II")
LEVELS = {"TRACE": 5, "WARN": 30, "FATAL": 50}


def main() -> None:
    """Serve until the cloud hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    output = int(sys.argv[2])
    os.dup2(output, 1)
    os.dup2(output, 2)
    for descriptor in (output, control.fileno()):
        os.set_inheritable(descriptor, False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    said = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = [*sys.argv[3:], *(path for path in said if path not in sys.argv[3:])]
    sys.argv[:] = [os.environ["_HANDLER"]]
    current = set_up_logging()
    stream = control.makefile("rwb")
    try:
        handler = find(os.environ["_HANDLER"])
    except Wrong as wrong:
        log_error(wrong.document)
        write(stream, {"error": True, **used()}, wrong.document)
        return
    write(stream, {"ready": True}, None)
    while frame := read(stream):
        header, payload = frame
        current.aws_request_id = header["id"]
        os.environ["_X_AMZN_TRACE_ID"] = header["trace"]
        header, document = serve(handler, header, payload)
        flush()
        write(stream, {**header, **used()}, document)


class Wrong(Exception):
    """What is wrong with a handler, as the document that a caller gets."""

    def __init__(self, message: str, kind: str, stack: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.document = error(message, kind, stack)


def find(name: str) -> Callable[..., Any]:
    """Return the handler `module.function`; Wrong."""
    module, dot, function = name.rpartition(".")
    if not dot:
        why = "not enough values to unpack (expected 2, got 1)"
        raise Wrong(f"Bad handler '{name}': {why}", "Runtime.MalformedHandlerName")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as failed:
        text = f"Unable to import module '{module}': {failed}"
        raise Wrong(text, "Runtime.ImportModuleError") from failed
    except SyntaxError as failed:
        where = f'  File "{failed.filename}" Line {failed.lineno}\n    {failed.text}'
        text = f"Syntax error in module '{module}': {failed}"
        raise Wrong(text, "Runtime.UserCodeSyntaxError", [where]) from failed
    except Exception as failed:
        raise Wrong(str(failed), type(failed).__name__, frames(failed)) from failed
    if not hasattr(found, function):
        text = f"Handler '{function}' missing on module '{module}'"
        raise Wrong(text, "Runtime.HandlerNotFound")
    handler: Callable[..., Any] = getattr(found, function)
    return handler


def serve(handler: Callable[..., Any], header: Header, payload: bytes) -> tuple[Header, bytes]:
    """Return the header and the document of a handler's answer to one event."""
    try:
        event = json.loads(payload)
    except ValueError as failed:
        return refused(header, f"Unable to unmarshal input: {failed}", "Runtime.UnmarshalError")
    try:
        result = handler(event, Context(header))
    except Exception as failed:
        text, kind = str(failed), type(failed).__name__
        return refused(header, text, kind, frames(failed))
    try:
        return {"error": False}, json.dumps(result, ensure_ascii=False, default=decimal).encode()
    except Exception as failed:
        text = f"Unable to marshal response: {failed}"
        return refused(header, text, "Runtime.MarshalError")


def refused(
    header: Header, message: str, kind: str, stack: Iterable[str] = ()
) -> tuple[Header, bytes]:
    """Log an error; return the header and the document of an answer that says it."""
    document = error(message, kind, stack, header["id"])
    log_error(document)
    return {"error": True}, document


def error(message: str, kind: str, stack: Iterable[str] = (), request: str = "") -> bytes:
    """Return an error as AWS's runtimes write it."""
    found = {"errorMessage": message, "errorType": kind, "requestId": request}
    return json.dumps({**found, "stackTrace": list(stack)}, ensure_ascii=False).encode()


def frames(failed: BaseException) -> list[str]:
    """Return the lines of an exception's trace that are not this program's, nor the import system's."""
    found = traceback.extract_tb(failed.__traceback__)
    own = [each for each in found if each.filename != __file__ and "<frozen" not in each.filename]
    own = [each for each in own if not each.filename.endswith("importlib/__init__.py")]
    return traceback.format_list(own)


def decimal(value: object) -> float:
    """Return what JSON has for a Decimal; TypeError for anything else."""
    if type(value).__name__ == "Decimal":
        return float(str(value))
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class Identity:
    """Who calls, where a mobile SDK says it."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    """What a mobile SDK says of its client."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.custom, self.env = said.get("custom"), said.get("env")
        self.client = said.get("client")


class Context:
    """What a handler learns of its function and of the call."""

    def __init__(self, header: Header) -> None:
        self.aws_request_id = header["id"]
        self.invoked_function_arn = header["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity()
        self.client_context = Client(header["client"]) if header.get("client") else None
        self._end = time.monotonic() + header["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return max(0, int((self._end - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Write into the function's log."""
        sys.stdout.write(str(message))


class Current(logging.Filter):
    """Gives every log record the id of the present request."""

    aws_request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.aws_request_id = self.aws_request_id
        return True


class Lines(logging.Formatter):
    """A record as one JSON document."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the document."""
        found: dict[str, Any] = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": {"WARNING": "WARN", "CRITICAL": "FATAL"}.get(
                record.levelname, record.levelname
            ),
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": getattr(record, "aws_request_id", ""),
        }
        if record.exc_info:
            kind, failed, trace = record.exc_info
            found |= {"errorType": getattr(kind, "__name__", ""), "errorMessage": str(failed)}
            found["stackTrace"] = traceback.format_tb(trace)
        return json.dumps(found, ensure_ascii=False, default=str)


def set_up_logging() -> Current:
    """Give the root logger AWS's handler, in the function's log format; return what knows the request."""
    current, handler = Current(), logging.StreamHandler(sys.stdout)
    line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    formatter: logging.Formatter = logging.Formatter(line, "%Y-%m-%dT%H:%M:%S")
    if as_json():
        formatter = Lines()
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.getLogger().setLevel(LEVELS.get(level, level))
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(current)
    logging.getLogger().addHandler(handler)
    return current


def as_json() -> bool:
    """Tell whether the function's log is of JSON documents."""
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def log_error(document: bytes) -> None:
    """Write an error that no handler caught into the log."""
    found = json.loads(document)
    if as_json():
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        print(json.dumps({"timestamp": stamp, "level": "ERROR", **found}, ensure_ascii=False))
    else:
        print(f"[ERROR] {found['errorType']}: {found['errorMessage']}")
        if found["stackTrace"]:
            print("Traceback (most recent call last):\n" + "".join(found["stackTrace"]), end="")
    flush()


def flush() -> None:
    """Have all output leave this process."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def used() -> Header:
    """Return the most memory that this process has held, in MiB."""
    return {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def read(stream: BufferedRWPair) -> tuple[Header, bytes] | None:
    """Return the next (header, payload); None when the cloud has hung up."""
    start = stream.read(FRAME.size)
    if len(start) < FRAME.size:
        return None
    sizes = FRAME.unpack(start)
    header, payload = (stream.read(size) for size in sizes)
    return json.loads(header), payload


def write(stream: BufferedRWPair, header: Header, payload: bytes | None) -> None:
    """Send a frame."""
    head = json.dumps(header).encode()
    stream.write(FRAME.pack(len(head), len(payload or b"")) + head + (payload or b""))
    stream.flush()


if __name__ == "__main__":
    main()
