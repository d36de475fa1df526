"""A worker process of a script image: it loads the model once and answers one request at a time.

python worker.py FD FOLDER... MODULE:CLASS MODEL_DIR    (FD: its end of the connection to the server)

The folders hold the image's modules; the user's are on PYTHONPATH. Scripts print to the log, as the
worker shares the server's output.
"""

import importlib
import signal
import sys
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

LAST = 2000  # characters of a reason why a model did not load


def main() -> int:
    """Load the stack and its model, then answer until the server closes the connection."""
    descriptor, *folders, name, model_dir = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[:1] = folders  # not where this program lies: a script has modules of the same names
    connection = Connection(int(descriptor))
    module, _, attribute = name.partition(":")
    try:
        stack = getattr(importlib.import_module(module), attribute)(model_dir)
    except BaseException as error:
        traceback.print_exc()
        memory = isinstance(error, MemoryError)
        connection.send(("failed", f"{type(error).__name__}: {error}"[:LAST], memory))
        return 1
    try:
        connection.send(("ready", "", False))
        while True:
            request = connection.recv()
            if request is not None:  # None: a reader left when the last answer was over already
                answer(connection, stack, request)
    except (EOFError, OSError):  # the server has ended
        return 0


def answer(connection: Connection, stack: Any, request: Any) -> None:
    """Answer one request: its status and headers, then its body, whole or in parts."""
    reply = stack.answer(request)
    if isinstance(reply.body, bytes):
        connection.send((reply.status, dict(reply.headers), reply.body))
        return
    connection.send((reply.status, dict(reply.headers), None))
    connection.send(sent(connection, iter(reply.body)))


def sent(connection: Connection, parts: Iterator[bytes | str]) -> bool:
    """Send the parts of a body as they come; return whether the script gave all that it had."""
    try:
        while not connection.poll():  # until whoever reads has gone
            try:
                part = next(parts)
            except StopIteration:
                return True
            except Exception:
                traceback.print_exc()
                return False
            connection.send(part.encode() if isinstance(part, str) else bytes(part))
        connection.recv()
        return True
    finally:
        if close := getattr(parts, "close", None):
            close()


if __name__ == "__main__":
    sys.exit(main())
