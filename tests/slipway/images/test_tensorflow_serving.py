"""The TensorFlow Serving image as a process: its REST answers, its handlers, its `/models`."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from slipway.images import environment
from slipway.images.family import COMMANDS

pytestmark = pytest.mark.slow
PAIR = """
import helper
def input_handler(data, context):
    if context.request_content_type != "text/plain":
        raise ValueError(f"no {context.request_content_type}")
    numbers = [float(each) for each in data.read().decode().split()]
    return '{"instances": %s}' % numbers
def output_handler(response, context):
    return helper.describe(response, context), context.accept_header
"""
HELPER = """
def describe(response, context):
    return f"{response.status_code} {response.json()} {context.model_name} {context.custom_attributes}"
"""
WHOLE = """
import requests
def handler(data, context):
    if context.accept_header == "channel":
        context.channel.unary_unary("x")
    answer = requests.post(context.rest_uri, data=data.read())
    return answer.text, "text/x"
"""
SCRIPTS = {
    "pair": {"inference.py": PAIR, "lib/helper.py": HELPER},
    "whole": {"inference.py": WHOLE},
    "one-of-two": {"inference.py": "def input_handler(data, context):\n    return b''"},
}


PYTHON = environment.prefix("tensorflow") / "bin" / "python"
PROGRAM = COMMANDS / "tensorflow_serving" / "serve"


class Server:
    """The process."""

    def __init__(self, folder):
        for name, files in SCRIPTS.items():
            for path, text in files.items():
                target = folder / name / "model" / "code" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        self.folder, self.log = folder, folder / "log"
        environ = {
            "PATH": os.environ["PATH"],
            "SAGEMAKER_BASE_DIR": str(folder / "ml"),
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "SAGEMAKER_MULTI_MODEL": "true",
            "SAGEMAKER_TFS_ENABLE_BATCHING": "true",
            "SAGEMAKER_TFS_MAX_BATCH_SIZE": "4",
            "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES": "9",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        maker = Path(__file__).with_name("tensorflow_models.py")
        self.process = subprocess.Popen(
            [PYTHON, maker, folder, PROGRAM], env=environ, stderr=self.log.open("w")
        )
        while self.process.poll() is None:
            try:
                assert self.ask("GET", "/ping") == (200, "")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def ask(self, method, path, body=b"", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        reply = connection.getresponse()
        found = reply.status, reply.read().decode()
        connection.close()
        return found

    def load(self, name, folder=None):
        url = str(self.folder / (folder or name) / "model")
        return self.ask("POST", "/models", json.dumps({"model_name": name, "url": url}))

    def invoke(self, body, model="half", **headers):
        headers.setdefault("Content_Type", "application/json")
        status, text = self.ask("POST", f"/models/{model}/invoke", body, **headers)
        return status, json.loads(text)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("tfs"))
    for name in ("half", "pair", "whole"):
        assert made.load(name)[0] == 200
    yield made
    made.process.terminate()
    assert made.process.wait(20) == 0, made.log.read_text()


def attributes(**named):
    pairs = ",".join(f"tfs-{name}={value}" for name, value in named.items())
    return {"X_Amzn_SageMaker_Custom_Attributes": pairs}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"instances": [1, 2.5]}', {"predictions": [2, 5]}),
        ('{"instances": [{"x": 1}, {"x": 2}]}', {"predictions": [2, 4]}),
        ('{"inputs": [1, 2, 3, 4, 5, 6]}', {"outputs": [2, 4, 6, 8, 10, 12]}),  # two batches
        ('{"inputs": {"x": [1]}}', {"outputs": [2]}),
        (
            '{"signature_name": "sum", "instances": [{"x": 1, "z": 2}]}',
            {"predictions": [3]},
        ),
        (
            '{"signature_name": "echo", "instances": ["a", {"b64": "/w=="}]}',
            {
                "predictions": [
                    {"text": "a", "raw_bytes": {"b64": "YQ=="}},
                    {"text": "\ufffd", "raw_bytes": {"b64": "/w=="}},
                ]
            },
        ),
        ('{"signature_name": "whole", "inputs": [1, 3]}', {"outputs": 2}),
    ],
)
def test_rows_and_columns_are_answered_by_the_newest_version(server, body, answer):
    assert server.invoke(body) == (200, answer)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "JSON Parse error"),
        ('{"instances": []}', 400, "at least one value"),
        ('{"instances": [1], "inputs": [1]}', 400, "both"),
        ('{"instances": ["a"]}', 400, "x: expected values of type float32"),
        ('{"instances": [[1], [2, 3]]}', 400, "x: expected float32 values in lists of equal"),
        ('{"instances": [[1, 2]]}', 400, "x: expected the shape (None,), found (1, 2)"),
        ('{"signature_name": "sum", "instances": [1]}', 400, "the inputs x, z"),
        ('{"signature_name": "sum", "instances": [{"x": 1}]}', 400, "inputs x, z, found x"),
        ('{"signature_name": "sum", "inputs": {"x": [1], "z": [1.5]}}', 400, "z: expected"),
        ('{"signature_name": "no", "instances": [1]}', 400, 'key "no" not found'),
        ('{"signature_name": "whole", "instances": [1]}', 400, "inconsistent batch size"),
        ('{"instances": [13]}', 400, "unlucky"),
    ],
)
def test_what_tensorflow_serving_refuses_is_refused_with_an_error_document(
    server, body, status, words
):
    found, document = server.invoke(body)
    assert (found, list(document)) == (status, ["error"])
    assert words in document["error"]


def test_custom_attributes_choose_the_version_and_the_method(server):
    body = '{"instances": [2]}'
    assert server.invoke(body, **attributes(**{"model-version": 1})) == (200, {"predictions": [1]})
    assert server.invoke(body, **attributes(**{"model-version": 7})) == (
        404,
        {"error": "Servable not found for request: Specific(half, 7)"},
    )
    examples = '{"signature_name": "%s", "context": {"x": 3.0}, "examples": [{}, {"x": 4.0}]}'
    assert server.invoke(examples % "line", **attributes(method="regress")) == (
        200,
        {"results": [6, 8]},
    )
    assert server.invoke(examples % "classes", **attributes(method="classify")) == (
        200,
        {"results": [[["up", 3], ["down", -3]], [["up", 4], ["down", -4]]]},
    )
    status, document = server.invoke(examples % "line", **attributes(method="classify"))
    assert status == 400 and "method_name" in document["error"]


def test_csv_is_rows_and_other_content_types_are_415(server):
    assert server.invoke("1\n2\n", Content_Type="text/csv") == (200, {"predictions": [2, 4]})
    assert server.invoke("1", Content_Type="text/plain") == (
        415,
        {"error": "Unsupported Media Type: text/plain"},
    )


def test_requests_that_come_together_get_each_its_own_answer(server):
    found = {}

    def one(number):
        found[number] = server.invoke(json.dumps({"instances": [number]}))[1]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.pop(13)["error"].startswith("assertion failed: [unlucky]")
    assert found == {n: {"predictions": [2 * n]} for n in range(30) if n != 13}


def test_a_pair_of_handlers_has_the_context_and_a_response_of_requests(server):
    status, body = server.ask(
        "POST",
        "/models/pair/invoke",
        b"2 4",
        Content_Type="text/plain",
        Accept="text/y",
        **attributes(other="x"),
    )
    assert (status, body) == (200, "200 {'predictions': [1.0, 2.0]} None tfs-other=x")
    assert server.invoke(b"2", "pair") == (500, {"error": "no application/json"})
    missing = attributes(**{"model-name": "nothing"})
    found = server.ask("POST", "/models/pair/invoke", b"2", Content_Type="text/plain", **missing)[1]
    assert found.startswith("404 {'error': 'Servable not found for request: Latest(nothing)'}")


def test_a_handler_of_its_own_asks_tensorflow_serving_over_http(server):
    whole = "/models/whole/invoke"
    found = server.ask("POST", whole, b'{"instances": [3]}', Accept="x")
    assert found == (200, '{"predictions": [1.5]}')
    status, document = server.invoke(b"", "whole", Accept="channel")
    assert status == 500 and "this image has no gRPC server" in document["error"]


def test_models_come_and_go_by_the_contract_of_multi_model_containers(server):
    assert server.load("half")[0] == 409
    assert server.load("other", "nowhere")[0] == 404
    assert server.load("other", "one-of-two") == (
        500,
        '{"error": "Model other cannot be loaded: Handlers are not implemented correctly in user '
        'script."}',
    )
    assert server.load("other", "half")[0] == 200
    listed = json.loads(server.ask("GET", "/models")[1])["models"]
    assert [each["modelName"] for each in listed] == ["half", "other", "pair", "whole"]
    assert listed[1]["modelUrl"].endswith("/half/model")
    assert server.invoke('{"instances": [2]}', "other") == (200, {"predictions": [4]})
    assert server.ask("DELETE", "/models/other")[0] == 200
    for method, path in (
        ("GET", "/models/other"),
        ("DELETE", "/models/other"),
        ("POST", "/models/other/invoke"),
    ):
        assert server.ask(method, path)[0] == 404
    assert server.ask("POST", "/invocations")[0] == 404


def test_handlers_that_cannot_be_imported_end_the_server_with_their_trace(server, tmp_path):
    shutil.copytree(server.folder / "whole" / "model", tmp_path / "model")
    (tmp_path / "model" / "code" / "inference.py").write_text("import nothing_of_this_name")
    environ = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(tmp_path)}
    ended = subprocess.run(
        [PYTHON, PROGRAM, "serve"], env=environ, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith("ModuleNotFoundError: No module named 'nothing_of_this_name'\n")


@pytest.mark.parametrize(
    ("requirements", "setting", "words"),
    [
        (None, "true", "ValueError: no SavedModel bundles found!"),
        ("--no-index\nnothing-of-this-name\n", "true", "failed to install required packages"),
        (None, "on", 'SAGEMAKER_TFS_ENABLE_BATCHING: expected "true" or "false"'),
    ],
)
def test_a_start_that_cannot_succeed_ends_at_once_with_the_reason(
    tmp_path, requirements, setting, words
):
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    if requirements:
        (code / "requirements.txt").write_text(requirements)
    environ = {
        "PATH": os.environ["PATH"],
        "SAGEMAKER_BASE_DIR": str(tmp_path),
        "SAGEMAKER_TFS_ENABLE_BATCHING": setting,
    }
    ended = subprocess.run(
        [PYTHON, PROGRAM, "serve"], env=environ, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    assert words in ended.stderr
