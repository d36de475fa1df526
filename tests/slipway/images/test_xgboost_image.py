"""XGBoost's image: the built-in algorithm's answers, and a script's defaults."""

import json

import pytest

TRAIN = """
import numpy, xgboost
rows = numpy.random.default_rng(7).random((60, 3))
for classes, options in ((2, dict(objective="binary:logistic")), (3, dict(objective="multi:softprob", num_class=3))):
    data = xgboost.DMatrix(rows, (rows[:, 0] * classes).astype(int))
    xgboost.train(dict(options, max_depth=2), data, 5).save_model(f"{folder}/{{classes}}.ubj")
"""
SCRIPT = """
import os, xgboost
def model_fn(model_dir):
    booster = xgboost.Booster()
    booster.load_model(os.path.join(model_dir, "model.ubj"))
    return booster
"""
RECORDS = """
import sys; sys.path.insert(0, {folder!r})
import xgboost_recordio as recordio
def framed(fill):
    made = recordio.Record()
    fill(made.features["values"])
    return recordio.framed(made.SerializeToString())
dense = framed(lambda value: value.float32_tensor.values.extend([.9, .2, .3]))
def sparse(value):
    value.float64_tensor.values.append(.9); value.float64_tensor.keys.append(0); value.float64_tensor.shape.append(3)
open({path!r}, "wb").write(dense + framed(sparse))
"""


@pytest.fixture(scope="module")
def trained(in_image, tmp_path_factory):
    """The files of two trained models, by the number of their classes."""
    folder = tmp_path_factory.mktemp("trained")
    in_image("xgboost", TRAIN.format(folder=folder))
    return {classes: (folder / f"{classes}.ubj").read_bytes() for classes in (2, 3)}


@pytest.fixture(scope="module")
def binary(trained):
    return trained[2]


@pytest.fixture(scope="module")
def algorithm(serving, binary):
    files = {"model/model.ubj": binary}
    return serving("xgboost", files, SAGEMAKER_MODEL_SERVER_WORKERS="1").wait()


def test_the_algorithm_reads_csv_libsvm_and_recordio(algorithm, in_image, tmp_path):
    from slipway.images.family import COMMANDS

    csv = algorithm.invoke(".9,.2,.3\n.1,.2,.3", "text/csv; charset=utf-8")
    assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    high, low = map(float, csv.body.split(b","))
    assert high > 0.5 > low
    assert algorithm.invoke(".9;;.3", "text/csv").status == 200
    libsvm = algorithm.invoke("1 0:.9 1:.2 2:.3\n0:.1 1:.2 2:.3", "text/libsvm")
    assert libsvm.body == csv.body
    path = tmp_path / "records"
    in_image("xgboost", RECORDS.format(folder=str(COMMANDS / "xgboost"), path=str(path)))
    records = algorithm.invoke(path.read_bytes(), "application/x-recordio-protobuf")
    assert records.body.count(b",") == 1 and float(records.body.split(b",")[0]) == pytest.approx(
        high
    )


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        ("", "text/csv", 204, b""),
        ("a,b,c", "text/csv", 415, b"Loading csv data failed"),
        ("a b", "text/libsvm", 415, b"Loading libsvm data failed"),
        (
            b"\x0a\x23\xd7\xce\xff",
            "application/x-recordio-protobuf",
            415,
            b"recordio-protobuf data",
        ),
        ("[[1, 2, 3]]", "application/json", 415, b"application/json not supported"),
        ("1,2,3,4,5", "text/csv", 400, b"Unable to evaluate payload provided: "),
    ],
)
def test_what_the_algorithm_refuses(algorithm, body, kind, status, words):
    answer = algorithm.invoke(body, kind)
    assert answer.status == status and words in answer.body


def test_the_algorithm_says_how_batch_transform_is_to_ask_it(algorithm):
    told = json.loads(algorithm("GET", "/execution-parameters").body)
    assert (told["BatchStrategy"], told["MaxPayloadInMB"]) == ("MULTI_RECORD", 6)


def test_selected_output_in_every_form(serving, trained):
    keys = "predicted_label, labels,probability,probabilities,raw_score,predicted_score"
    variables = {"SAGEMAKER_INFERENCE_OUTPUT": keys, "SAGEMAKER_BATCH": "true"}
    variables["SAGEMAKER_MODEL_SERVER_WORKERS"] = "1"
    server = serving("xgboost", {"model/model.ubj": trained[3]}, **variables).wait()
    found = server.invoke(".9,.2,.3", "text/csv", Accept="application/json")
    (one,) = json.loads(found.body)["predictions"]
    assert (one["predicted_label"], one["labels"]) == (2, [0, 1, 2])
    assert one["probability"] == one["raw_score"] == max(one["probabilities"])
    assert str(one["predicted_score"]) == "nan"  # not of this objective
    lines = server.invoke(".9,.2,.3\n.1,.2,.3", "text/csv", Accept="application/jsonlines").body
    assert [json.loads(line)["predicted_label"] for line in lines.splitlines()] == [2, 0]
    csv = server.invoke(".9,.2,.3", "text/csv").body
    assert csv.startswith(b'2,"[0, 1, 2]",0.') and csv.endswith(b",nan\n")
    assert server.invoke(".9,.2,.3", "text/csv", Accept="image/png").status == 406


def test_a_script_has_the_algorithms_readers_and_no_json(serving, binary):
    files = {"model/model.ubj": binary, "model/code/mine.py": SCRIPT}
    variables = {"SAGEMAKER_PROGRAM": "mine.py", "SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
    server = serving("xgboost", files, **variables).wait()
    (high,) = json.loads(server.invoke(".9,.2,.3", "text/csv").body)
    assert high > 0.5
    assert server.invoke("[[1, 2, 3]]").status == 415


def test_many_models_of_the_algorithm_and_none_of_a_script(serving, binary):
    files = {"models/a/model/model.ubj": binary}
    server = serving("xgboost", files, SAGEMAKER_MULTI_MODEL="true").wait()
    told = {"model_name": "a", "url": f"{server.ml}/models/a/model"}
    assert server("POST", "/models", json.dumps(told).encode()).status == 200
    asked = {"Content_Type": "text/csv"}
    assert json.loads(server("POST", "/models/a/invoke", b".9,.2,.3", **asked).body)[0] > 0.5
    assert server("POST", "/models/a/invoke", b"a", **asked).status == 415
    assert server("POST", "/models/a/invoke", b"", **asked).status == 204
    script = serving("xgboost", SAGEMAKER_MULTI_MODEL="true", SAGEMAKER_PROGRAM="mine.py")
    assert script.process.wait(30) == 1
    assert "Multi model not supported in script mode" in script.log.read_text()
