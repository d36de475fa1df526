"""Images that serve many models, and PyTorch's: the /models API, and AWS's own toolkit around a script."""

import json

import pytest

SUMS = """
import os
from pathlib import Path

class Sums:
    def predict(self, rows):
        return rows.sum(axis=1) + self.more

def model_fn(model_dir):
    if Path(model_dir, "large").exists():
        raise MemoryError("the model is too large")
    model = Sums()
    model.more = float(Path(model_dir, "more").read_text())
    return model
"""
TENSORS = """
import json

def model_fn(model_dir, context):
    import os, torch
    layer = torch.nn.Linear(2, 1)
    torch.nn.init.ones_(layer.weight), torch.nn.init.zeros_(layer.bias)
    torch.jit.script(layer).save(os.environ["HOME"] + "/made.pt")
    return context.system_properties["model_dir"]

def transform_fn(model, data, content_type, accept, context):
    if data == "wrong":
        from sagemaker_inference.errors import BaseInferenceToolkitError
        raise BaseInferenceToolkitError(422, "not like this", "not like this")
    if data == "parts":
        return (part for part in "parts")
    context.set_response_header(0, "x-amzn-sagemaker-custom-attributes", "a=1")
    return json.dumps([type(data).__name__, context.get_request_header(0, "X-Amzn-SageMaker-Inference-Id")])
"""


@pytest.fixture(scope="module")
def models(serving):
    files = {"models/b/model/large": ""}
    for name, more in (("a", "10"), ("c", "20")):
        files |= {f"models/{name}/model/more": more, f"models/{name}/model/code/sums.py": SUMS}
    files["models/b/model/code/sums.py"] = SUMS
    variables = {"SAGEMAKER_PROGRAM": "sums.py", "SAGEMAKER_MULTI_MODEL": "true"}
    variables["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = "1"
    server = serving("sklearn", files, **variables).wait()

    def load(name):
        told = {"model_name": name, "url": f"{server.ml}/models/{name}/model"}
        return server("POST", "/models", json.dumps(told).encode())

    server.load = load
    return server


def asked(server, name, body, **headers):
    headers = {"Content_Type": "application/json"} | headers
    return server("POST", f"/models/{name}/invoke", body.encode(), **headers)


def test_models_are_loaded_asked_listed_and_unloaded(models):
    assert [models.load(name).status for name in ("a", "c")] == [200, 200]
    assert models.load("a").status == 409
    assert asked(models, "a", "[[1, 2]]").body == b"[13.0]"
    assert asked(models, "c", "[1, 2]").body == b"[23.0]"  # one row, unlike with one model
    listed = json.loads(models("GET", "/models").body)
    assert [one["modelName"] for one in listed["models"]] == ["a", "c"]
    assert listed["models"][0]["modelUrl"].endswith("/models/a/model")
    assert json.loads(models("GET", "/models/c").body) == listed["models"][1]
    after = json.loads(models("GET", "/models?next_page_token=a").body)
    assert [one["modelName"] for one in after["models"]] == ["c"]
    assert models("DELETE", "/models/a").status == 200
    for method, path in (
        ("GET", "/models/a"),
        ("DELETE", "/models/a"),
        ("POST", "/models/a/invoke"),
        ("POST", "/invocations"),
    ):
        assert models(method, path).status == 404


def test_a_model_that_memory_has_no_room_for_is_507(models):
    refused = models.load("b")
    assert refused.status == 507 and b"the model is too large" in refused.body
    gone = models.load("gone")
    assert gone.status == 500 and b"No such file or directory" in gone.body
    assert models("POST", "/models", b"nothing").status == 400


def test_the_toolkit_answers_500_with_the_trace(models):
    models.load("c")
    unsupported = asked(models, "c", "<a/>", Content_Type="text/html")
    assert unsupported.status == 500
    assert unsupported.body.startswith(
        b"Content type text/html is not supported by this framework."
    )
    assert b"Traceback (most recent call last)" in unsupported.body
    large = asked(models, "c", " " * (1 << 20) + "[1]")
    assert large.status == 413 and b"the limit is 1048576" in large.body


@pytest.fixture(scope="module")
def tensors(serving):
    return serving("pytorch", {"model/code/inference.py": TENSORS}).wait()


def test_a_pytorch_script_gets_text_and_context_and_chooses_its_statuses(tensors):
    answer = tensors.invoke("{}", X_Amzn_SageMaker_Inference_Id="42")
    assert json.loads(answer.body) == ["str", "42"]
    assert answer.headers["X-Amzn-Sagemaker-Custom-Attributes"] == "a=1"
    refused = tensors.invoke("wrong")
    assert refused.status == 422 and refused.body.startswith(b"not like this\nTraceback")


def test_pytorchs_image_does_not_stream(tensors):
    answer = tensors.invoke("parts")
    assert answer.status == 500 and b"does not send its answer in parts" in answer.body


def test_pytorchs_default_is_torchscript_and_tensors(serving, tensors):
    made = (tensors.log.parent / "made.pt").read_bytes()
    server = serving("pytorch", {"model/any.pt": made}).wait()
    assert server.invoke("[[1, 2], [3, 4]]").body == b"[[3.0], [7.0]]"
    csv = server.invoke("1,2\n3,4", "text/csv", Accept="text/csv")
    assert (csv.status, csv.body) == (200, b"3.0\n7.0\n")
    assert server.invoke("1", "image/png").status == 500
    assert server("GET", "/execution-parameters").status == 404
    assert server.stop() == 0
