"""The TensorFlow Serving image's rules that need no TensorFlow: settings, scan, payloads, batches."""

import importlib
import json
import sys
import threading

import pytest

from slipway.images.family import COMMANDS


@pytest.fixture(scope="module")
def tfs():
    """Import a module of the image's server."""
    added = [str(COMMANDS / "tensorflow_serving"), str(COMMANDS / "front")]
    sys.path[:0] = added
    yield lambda name: importlib.import_module(f"slipway_tfs.{name}")
    for path in added:
        sys.path.remove(path)


def test_the_defaults_are_the_containers(tfs):
    read = tfs("settings").read
    assert read({}, 4) == tfs("settings").Settings()
    batching = read({"SAGEMAKER_TFS_ENABLE_BATCHING": "True"}, 4).batching
    assert batching == tfs("settings").Batching(8, 0.001, 4, 4)
    job = {"SAGEMAKER_TFS_ENABLE_BATCHING": "true", "SAGEMAKER_BATCH": "true"}
    assert read(job, 4).batching.max_enqueued == 100_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAGEMAKER_TFS_ENABLE_BATCHING", "yes"),
        ("SAGEMAKER_TFS_INTER_OP_PARALLELISM", "-1"),
        ("SAGEMAKER_GUNICORN_WORKERS", "0"),
    ],
)
def test_a_setting_that_is_not_what_it_must_be_is_named(tfs, name, value):
    with pytest.raises(ValueError, match=f"{name}: expected .*, found '{value}'"):
        tfs("settings").read({name: value}, 4)


def test_gunicorns_workers_limit_how_many_handlers_run_at_once(tfs):
    read = tfs("settings").read
    assert read({"SAGEMAKER_GUNICORN_WORKERS": "2"}, 4).handlers == 0
    limited = {
        "SAGEMAKER_GUNICORN_WORKERS": "2",
        "SAGEMAKER_GUNICORN_THREADS": "3",
        "SAGEMAKER_GUNICORN_WORKER_CLASS": "gthread",
    }
    assert read(limited, 4).handlers == 6


def test_models_are_folders_of_numbered_saved_models(tfs, tmp_path):
    for path in ("b/half/1", "b/half/0002", "a/third/0", "a/other", "code/1x"):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "saved_model.pb").touch()
    found = tfs("scan").find(tmp_path)
    assert {name: sorted(model.versions) for name, model in found.items()} == {
        "third": [0],
        "half": [1, 2],
    }
    assert next(iter(found)) == "third"  # the first by path is the default


def test_no_model_and_two_of_a_name_are_told(tfs, tmp_path):
    with pytest.raises(ValueError, match=r"^no SavedModel bundles found!$"):
        tfs("scan").find(tmp_path)
    for path in ("a/half/1", "b/half/2"):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "saved_model.pb").touch()
    with pytest.raises(ValueError, match="two models have the name 'half'"):
        tfs("scan").find(tmp_path)


@pytest.mark.parametrize(
    ("body", "content_type", "wanted"),
    [
        ('{"inputs": [1]}', "application/json", {"inputs": [1]}),
        ("[1, 2]", "application/json", {"instances": [1, 2]}),
        ("5", "application/json", {"instances": [5]}),
        ('{"x": 1}', "application/json", {"instances": [{"x": 1}]}),
        ('{"x": 1}\n{"x": 2}\n', "application/jsonlines", {"instances": [{"x": 1}, {"x": 2}]}),
        ("[1, 2] [3, 4]", "application/jsons", {"instances": [[1, 2], [3, 4]]}),
        ("1.5,2\n3,4\n", "text/csv", {"instances": [[1.5, 2], [3, 4]]}),
        ("1\n2\n", "text/csv", {"instances": [1, 2]}),
        ("red,a,b\nblue,1,2", "text/csv", {"instances": [["red", "a", "b"], ["blue", "1", "2"]]}),
        ('"a,b"\n"c"', "text/csv", {"instances": [["a,b"], "c"]}),
    ],
)
def test_what_becomes_of_a_body_without_handlers(tfs, body, content_type, wanted):
    assert json.loads(tfs("payloads").to_request(body.encode(), content_type)) == wanted


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/plain", None])
def test_other_content_types_are_415(tfs, content_type):
    with pytest.raises(
        tfs("failure").Refused, match=f"Unsupported Media Type: {content_type or 'Unknown'}"
    ) as refused:
        tfs("payloads").to_request(b"", content_type)
    assert refused.value.status == 415


def test_the_accepted_type_decides_on_the_answer(tfs):
    answer = tfs("payloads").to_answer
    assert answer(b"{\n}", None) == (b"{\n}", "application/json")
    assert answer(b"{\n}", "application/jsonlines, text/csv") == (b"{}", "application/jsonlines")
    assert answer(b"{\n}", "text/csv,application/json") == (b"{}", "text/csv")
    assert answer(b"{\n}", "text/csv") == (b"{\n}", "application/json")


def test_custom_attributes_choose_model_version_and_method(tfs):
    target = tfs("target")
    headers = {target.HEADER: "tfs-model-name=half,x=y, tfs-model-version=3,tfs-method=classify"}
    found = target.read(headers)
    assert found == target.Target("half", "3", "classify")
    assert found.path("other") == "/v1/models/half/versions/3:classify"
    assert target.read({}).path("other") == "/v1/models/other:predict"


class Model:
    """It doubles its input, and fails where there is a 13."""

    def __init__(self):
        self.calls = []

    def __call__(self, inputs):
        self.calls.append(inputs["x"].tolist())
        if 13 in inputs["x"]:
            raise ValueError("13")
        return {"y": inputs["x"] * 2}


@pytest.fixture
def ask(tfs):
    """Return a function that asks a scheduler for several inputs at once, and a model."""
    numpy = pytest.importorskip("numpy")
    model = Model()

    def run(settings, *requests):
        scheduler = tfs("batching").Scheduler(tfs("settings").Batching(*settings))
        answers = [None] * len(requests)

        def one(number, values):
            inputs = {"x": numpy.array(values)}
            try:
                answers[number] = scheduler.call("q", model, inputs)["y"].tolist()
            except Exception as error:
                answers[number] = error

        threads = []
        for number, values in enumerate(requests):
            threads.append(threading.Thread(target=one, args=(number, values)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        return answers

    return run, model


def test_requests_of_one_shape_are_run_together_and_others_apart(ask):
    run, model = ask
    answers = run((4, 9, 1, 9), [1], [2, 3], [[4]] * 4, [5])  # full batches wait for no timeout
    assert answers == [[2], [4, 6], [[8]] * 4, [10]]
    assert len(model.calls) == 2


def test_what_comes_while_the_model_is_busy_is_run_together_and_nobody_waits_for_more(tfs):
    numpy = pytest.importorskip("numpy")
    scheduler = tfs("batching").Scheduler(tfs("settings").Batching(8, 0, 1, 9))
    busy, free, calls = threading.Event(), threading.Event(), []

    def model(inputs):
        calls.append((sorted(inputs["x"].tolist()), threading.current_thread()))
        busy.set()
        assert free.wait(10)
        return {"y": inputs["x"] * 2}

    answers = {}

    def one(number):
        found = scheduler.call("q", model, {"x": numpy.array([number])})
        answers[number] = found["y"].tolist()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    threads[0].start()
    assert busy.wait(10)
    for thread in threads[1:]:
        thread.start()
    while sum(batch.rows for batch in scheduler._waiting) < 3:
        pass
    free.set()
    for thread in threads:
        thread.join()
    assert answers == {number: [2 * number] for number in range(4)}
    assert [rows for rows, _ in calls] == [[0], [1, 2, 3]]
    assert calls[0][1] is threads[0]  # an idle model is called by who asks


def test_a_request_that_is_too_long_is_divided_and_put_together(ask):
    run, model = ask
    assert run((2, 0, 1, 9), [1, 2, 3, 4, 5]) == [[2, 4, 6, 8, 10]]
    assert model.calls == [[1, 2], [3, 4], [5]]


def test_who_fails_in_a_batch_fails_alone(ask):
    run, _ = ask
    good, bad, other = run((3, 9, 1, 9), [1], [13], [2])
    assert (good, str(bad), other) == ([2], "13", [4])


def test_a_full_queue_refuses(ask, tfs):
    run, _ = ask
    refused = run((2, 0, 1, 2), [1, 2, 3, 4, 5, 6])[0]
    assert isinstance(refused, tfs("failure").Refused)
    assert (refused.status, str(refused)) == (503, tfs("batching").FULL)
