"""The artifact as it is deployed: served by the TensorFlow Serving image, in a process of its own."""

import ast
import http.client
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from reviews.serving import code_folder
from slipway.images.family import COMMANDS

pytestmark = pytest.mark.slow
LENGTH = 32
TEXTS = ["I love it, great", "terrible, broken after a day", "long " * 40, "ok", "übel"]


@pytest.fixture(scope="module")
def artifact(image, tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "model"
    image.call("serving.make", folder, tiny_bert, LENGTH)
    return folder


@pytest.fixture(scope="module")
def server(image, artifact, tmp_path_factory):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "log"
    environ = {
        "PATH": os.environ["PATH"],
        "SAGEMAKER_BASE_DIR": str(artifact.parent),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_TFS_ENABLE_BATCHING": "true",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    program = COMMANDS / "tensorflow_serving" / "serve"
    process = subprocess.Popen([image.python, program, "serve"], env=environ, stderr=log.open("w"))
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    assert process.poll() is None, log.read_text()
    yield port
    process.terminate()
    assert process.wait(20) == 0


def ask(port, body, content_type="application/jsonlines", accept="application/jsonlines"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": content_type, "Accept": accept}
    connection.request("POST", "/invocations", body, headers)
    reply = connection.getresponse()
    found = reply.status, reply.headers["Content-Type"], reply.read().decode()
    connection.close()
    return found


def lines(texts):
    return "".join(json.dumps({"features": [text]}) + "\n" for text in texts).encode()


def test_predictions_are_those_of_the_evaluation(server, artifact, image):
    expected = image.call("serving.probabilities", artifact, TEXTS)
    status, kind, body = ask(server, lines(TEXTS))
    assert (status, kind) == (200, "application/jsonlines")
    for line, row in zip(body.splitlines(), expected, strict=True):
        found = json.loads(line)
        assert found["predicted_label"] == row.index(max(row)) + 1
        assert found["score"] == pytest.approx(max(row), abs=1e-5)


def test_a_bad_line_is_answered_in_its_place(server):
    body = lines(TEXTS[:1]) + b"{\n" + lines(TEXTS[1:2])
    first, bad, last = ask(server, body)[2].splitlines()
    assert "expected JSON" in json.loads(bad)["error"]
    alone = ask(server, lines(TEXTS[:1]))[2], ask(server, lines(TEXTS[1:2]))[2]
    assert (f"{first}\n", f"{last}\n") == alone
    status, _, only_bad = ask(server, b"{\n")
    assert (status, list(json.loads(only_bad))) == (200, ["error"])


def test_csv_is_answered_with_csv(server):
    status, kind, body = ask(server, b"Gift Card,ok\nok\n", "text/csv", "text/csv")
    assert (status, kind) == (200, "text/csv")
    first, second = body.splitlines()
    assert first == second and first.split(",")[0] in "12345"


def test_what_is_unusable_as_a_whole_is_500_with_the_reason(server):
    assert ask(server, b"") == (
        500,
        "application/json",
        '{"error": "expected a review per line, found an empty body"}',
    )


def test_padding_to_another_length_changes_nothing(artifact, image):
    difference, spread = image.call("serving.signatures_differ_by", artifact, 11)
    assert difference < 1e-5 * max(1, spread)


def test_the_shipped_modules_are_what_the_handlers_need_and_no_more(artifact):
    library = artifact / "code" / "lib"
    shipped = {path.relative_to(library / "reviews") for path in library.rglob("reviews/**/*.py")}
    assert {path.as_posix() for path in shipped} == set(code_folder.MODULES)
    allowed = set(sys.stdlib_module_names) | {"reviews", "tokenizers"}
    for path in [artifact / "code" / "inference.py", *library.rglob("reviews/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = (
                    [node.module]
                    if isinstance(node, ast.ImportFrom)
                    else [alias.name for alias in node.names]
                )
                assert {name.partition(".")[0] for name in names} <= allowed
