"""The worker processes of the script images, driven without HTTP."""

import importlib
import os
import sys

import pytest

from slipway.images.family import COMMANDS

STACK = """
import os
from front import Reply

class Echo:
    def __init__(self, model_dir):
        self.pid = str(os.getpid()).encode()

    def answer(self, request):
        return Reply(200, iter([self.pid, b"!"]) if request.body == b"parts" else self.pid)
"""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    """One worker of a stack that tells its process, and the kind of request it takes."""
    (tmp_path / "echo.py").write_text(STACK)
    for name in ("front", "script"):
        monkeypatch.syspath_prepend(COMMANDS / name)
    front, workers = importlib.import_module("front"), importlib.import_module("workers")
    stack = workers.Stack("echo:Echo", (COMMANDS / "front", tmp_path), front.Reply, front.Reply)
    made = workers.Workers(stack, str(tmp_path), 1)
    yield made, lambda body: made.answer(front.Request("POST", "/invocations", "", {}, body))
    made.close()
    for name in ("front", "workers"):
        sys.modules.pop(name)


def test_a_reader_that_leaves_when_all_was_sent_harms_nobody(pool):
    made, ask = pool
    body = ask(b"parts").body
    worker = next(body)
    (process,) = made._all
    assert next(body) == b"!" and process.connection.poll(10)  # the end is there, and not read
    body.close()
    for _ in range(2):
        assert ask(b"whole").body == worker


def test_workers_end_with_their_pool(pool):
    made, ask = pool
    worker = int(ask(b"whole").body)
    made.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert not made.ready
