"""One process of a function: where it finds its files on any machine, and what ends it."""

import json
import os
import time

import pytest

from functions import invoked, made
from slipway.cloud.awslambda.environment import Environment, Files, places
from slipway.cloud.awslambda.variables import variables
from slipway.cloud.credentials import Credentials
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings

CODE = """
import both, os, tempfile

def handler(event, context):
    return [both.said, tempfile.gettempdir(), os.environ["LAMBDA_TASK_ROOT"], __file__]
"""


def test_without_namespaces_the_folders_are_elsewhere(tmp_path):
    names = ("task", "runtime", "opt")
    task, runtime, opt = folders = [tmp_path / name for name in names]
    for folder in folders:
        folder.mkdir()
    (task / "main.py").write_text(CODE)
    (opt / "python").mkdir()
    (opt / "python" / "both.py").write_text("said = 'layer'")
    files = Files(task, runtime, opt, tmp_path / "place", tmp_path / "log")
    sandbox = Sandbox("link", False, ())
    config = {
        "FunctionName": "f", "Version": "1", "Handler": "main.handler", "Runtime": "python3.12",
        "MemorySize": 128, "LoggingConfig": {"LogFormat": "Text", "LogGroup": "g"},
    }  # fmt: skip
    found = variables(
        config, "us-east-1", "http://e", Credentials("a", "b", "c"), "s", places(files, sandbox)
    )
    environment = Environment(files, sandbox, Settings.of(os.environ), found)
    try:
        until = time.monotonic() + 10
        assert environment.await_ready(until).header == {"ready": True}
        event = {"id": "r", "arn": "a", "seconds": 3, "trace": ""}
        said = environment.ask(event, b"null", until)
    finally:
        environment.end()
    tmp = str(tmp_path / "place" / "tmp")
    assert json.loads(said.payload) == ["layer", tmp, str(task), str(task / "main.py")]
    assert not (tmp_path / "place").exists()


GOES = """
    import os, threading

    def handler(event, context):
        threading.Timer(0.05, os._exit, [7]).start()
        return os.getpid()
"""


def test_a_process_that_ended_after_its_answer_is_replaced(cloud):
    made(cloud, "goes", GOES)
    for _ in range(2):
        said, error, _ = invoked(cloud, "goes")
        assert error is None, said
        time.sleep(0.3)


LARGE = """
    import time

    def handler(event, context):
        held = bytearray(400 << 20)
        time.sleep(5)
"""


def test_a_function_that_holds_too_much_memory_is_ended(cloud):
    made(cloud, "memory", LARGE, Timeout=10)
    said, error, log = invoked(cloud, "memory")
    assert (error, said["errorType"]) == ("Unhandled", "Runtime.OutOfMemory")
    assert "Runtime.OutOfMemory" in log


def test_metrics_tell_of_calls_errors_and_times(cloud):
    code = "def handler(event, context):\n    assert event\n"
    made(cloud, "measured", code)
    for event in (1, 0, 1):
        invoked(cloud, "measured", event)
    cloudwatch, now = cloud.client("cloudwatch"), time.time()

    def total(name, statistic="Sum"):
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": "measured"}],
            StartTime=now - 600,
            EndTime=now + 600,
            Period=3600,
            Statistics=[statistic],
        )["Datapoints"]
        return sum(point[statistic] for point in found)

    assert (total("Invocations"), total("Errors"), total("Throttles")) == (3, 1, 0)
    assert total("ConcurrentExecutions", "Maximum") >= 1
    assert total("Duration") > 0


@pytest.mark.parametrize("way", ["namespace", "substitution"])
def test_the_places_are_awss_where_they_can_be_mounted(tmp_path, way):
    files = Files(tmp_path / "t", tmp_path / "r", tmp_path / "o", tmp_path / "p", tmp_path / "l")
    found = places(files, Sandbox(way, False, ()))
    assert (found["task"] == "/var/task") == (way == "namespace")
