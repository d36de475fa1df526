"""scikit-learn's image with one model: what a script gets, and what its callers are told."""

import http.client
import io
import json
import tarfile
import time
from pathlib import Path

import pytest

SCRIPT = """
import json, os, time
from pathlib import Path
from sagemaker_containers.beta.framework import content_types, encoders, env, modules, transformer, worker

LEFT = Path(os.environ["HOME"], "left")

class Sums:
    def predict(self, rows):
        assert rows.dtype == "float32" or rows.dtype == "float64", rows.dtype
        return rows.sum(axis=1)

def model_fn(model_dir):
    assert Path(model_dir, "code", "inference.py").is_file()
    import models, server
    assert models.MINE
    return Sums()

def execution_parameters_fn():
    return worker.Response('{"MaxConcurrentTransforms": 3}', mimetype="application/json")
"""
PARTS = """
import os, time
from pathlib import Path
from sagemaker_containers.beta.framework import worker

def model_fn(model_dir):
    return None

def parts(said):
    try:
        for number in range(int(said)):
            if said == "5":
                time.sleep(30 if number else 0)
            yield f"part {number}\\n"
            if number == 2 and said == "4":
                raise OSError("the script's own")
            time.sleep(0.01 if number > 1 else 0)
    finally:
        Path(os.environ["HOME"], "closed").touch()

def transform_fn(model, body, content_type, accept):
    if body == b"die":
        os._exit(3)
    if body == b"sleep":
        time.sleep(30)
    if body == b"tuple":
        return "as a pair", "text/plain"
    if body == b"status":
        return worker.Response("not me", status=418, headers={"X-Amzn-SageMaker-Custom-Attributes": "a=1"})
    if body == b"pid":
        return str(os.getpid())
    return worker.Response(parts(body.decode()), mimetype="text/plain")
"""


@pytest.fixture(scope="module")
def sums(serving):
    found = serving(
        "sklearn",
        {
            "model/code/inference.py": SCRIPT,
            "model/code/models.py": "MINE = 1",
            "model/code/server.py": "",
        },
        SAGEMAKER_PROGRAM="inference.py",
    )
    return found.wait()


@pytest.fixture(scope="module")
def parts(serving):
    files = {"model/code/serve_it.py": PARTS}
    variables = {
        "SAGEMAKER_PROGRAM": "serve_it.py",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": "1",
    }
    return serving("sklearn", files, **variables).wait()


def test_the_default_functions_read_and_write_json_csv_and_npy(sums):
    assert sums.invoke("[[1, 2], [3, 4]]").body == b"[3.0, 7.0]"
    csv = sums.invoke("1,2\n3,4", "text/csv", Accept="text/csv")
    assert (csv.body, csv.headers["Content-Type"]) == (b"3.0\n7.0\n", "text/csv; charset=utf-8")
    npy = sums.invoke("[[1, 2]]", Accept="application/x-npy")
    assert npy.body.startswith(b"\x93NUMPY")
    assert sums.invoke("[[1]]", Accept="*/*").headers["Content-Type"] == "application/json"


def test_an_unsupported_type_is_415_and_an_unsupported_accept_406(sums):
    for status, answer in (
        (415, sums.invoke("<a/>", "text/html")),
        (415, sums.invoke("[[1]]", "application/json; charset=utf-8")),  # types match exactly
        (406, sums.invoke("[[1]]", Accept="image/png")),
    ):
        told = json.loads(answer.body)
        assert answer.status == status
        assert (told["error"], list(told)) == (
            "UnsupportedFormatError",
            ["error", "error-message", "stack-trace"],
        )
        assert "is not supported by this framework." in told["error-message"]


def test_what_a_script_raises_is_500_and_its_trace_is_in_the_log(sums):
    answer = sums.invoke("1,2", "text/csv")  # one row is no table in this image
    assert answer.status == 500
    assert b"<title>500 Internal Server Error</title>" in answer.body
    assert "axis 1 is out of bounds" in sums.log.read_text()


def test_a_script_says_how_batch_transform_is_to_ask_it(sums, parts):
    assert json.loads(sums("GET", "/execution-parameters").body) == {"MaxConcurrentTransforms": 3}
    assert parts("GET", "/execution-parameters").status == 404
    assert sums("GET", "/models").status == 404
    assert sums("GET", "/invocations").status == 405


def test_transform_fn_decides_body_type_status_and_headers(parts):
    pair = parts.invoke("tuple", "text/x")
    assert (pair.status, pair.body) == (200, b"as a pair")
    assert pair.headers["Content-Type"] == "text/plain; charset=utf-8"
    teapot = parts.invoke("status", "text/x")
    assert (teapot.status, teapot.body) == (418, b"not me")
    assert teapot.headers["X-Amzn-SageMaker-Custom-Attributes"] == "a=1"


def test_a_generator_is_sent_in_parts(parts):
    answer = parts.invoke("3", "text/x")
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.body == b"part 0\npart 1\npart 2\n"


def test_a_generator_that_fails_ends_the_answer_too_early(parts):
    with pytest.raises(http.client.IncompleteRead) as broken:
        parts.invoke("4", "text/x")
    assert broken.value.partial == b"part 0\npart 1\npart 2\n"
    assert in_time(parts, "tuple")


def test_a_generator_that_hangs_ends_the_answer_and_its_worker(parts):
    worker = in_time(parts, "pid")
    with pytest.raises(http.client.IncompleteRead) as broken:
        parts.invoke("5", "text/x")
    assert broken.value.partial == b"part 0\n"
    assert in_time(parts, "pid") != worker


def test_a_reader_that_leaves_ends_the_generator_and_not_the_worker(parts):
    worker = in_time(parts, "pid")
    closed = parts.log.parent / "closed"
    closed.unlink(missing_ok=True)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port)
    connection.request("POST", "/invocations", b"100000", {"Content-Type": "text/x"})
    connection.getresponse().read(7)
    connection.close()
    assert in_time(parts, "pid") == worker
    assert closed.exists()


def test_a_worker_that_dies_is_502_for_its_caller_and_another_takes_its_place(parts):
    worker = in_time(parts, "pid")
    assert parts.invoke("die", "text/x").status == 502
    assert in_time(parts, "pid") != worker


def test_a_worker_that_takes_too_long_is_504_and_another_takes_its_place(parts):
    assert parts.invoke("sleep", "text/x").status == 504
    assert in_time(parts, "tuple") == b"as a pair"


def in_time(server, body):
    """Return what a server answers once it has a worker: it gives up after the second of its timeout."""
    deadline = time.monotonic() + 30
    while (answer := server.invoke(body, "text/x")).status == 504 and time.monotonic() < deadline:
        pass
    assert answer.status == 200
    return answer.body


def test_code_from_an_archive_with_requirements_of_its_own(serving, wheel):
    held = io.BytesIO()
    script = "import gauge\ndef model_fn(d): return 1\ndef predict_fn(data, model): return gauge.LENGTH\n"
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, content in (
            ("mine.py", script.encode()),
            ("gauge-1.0-py3-none-any.whl", wheel("gauge", "LENGTH = 7")),
            ("requirements.txt", b"./gauge-1.0-py3-none-any.whl\n"),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    files = {"sourcedir.tar.gz": held.getvalue()}
    variables = {
        "SAGEMAKER_PROGRAM": "mine",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/sourcedir.tar.gz",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
    }
    server = serving("sklearn", files, **variables).wait()
    assert server.invoke("[1]").body == b"7"
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("def predict_fn(data, model): pass", "Please provide a model_fn implementation."),
        (
            "def model_fn(d): pass\ndef transform_fn(m, b, c, a): pass\ndef input_fn(b, c): pass",
            "Cannot use transform_fn implementation with",
        ),
        ("def model_fn(d): raise OSError('the file is gone')", "OSError: the file is gone"),
    ],
)
def test_a_model_that_does_not_load_ends_the_server_with_its_reason(serving, script, reason):
    files = {"model/code/inference.py": script}
    server = serving("sklearn", files, SAGEMAKER_PROGRAM="inference.py")
    assert server.process.wait(30) == 1
    last = server.log.read_text().splitlines()[-1]
    assert last.startswith("serve: the model cannot be served: ") and reason in last


def test_nothing_is_left_when_the_server_is_killed(sums):
    workers = children(sums.process.pid)
    assert workers
    sums.process.kill()
    sums.process.wait()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{each}").exists() for each in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid):
    """Return the processes that any thread of a process has started."""
    return [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
