"""Invocations of a real model server behind a cloud in a process of its own, by AWS's own clients."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from endpoints import Endpoints, variant


@pytest.fixture(scope="module")
def live(cloud):
    endpoints = Endpoints(cloud)
    endpoints.create("Reviews", variant(endpoints.model("reviews"), "v"))
    found = endpoints.settled("Reviews")
    assert found["EndpointStatus"] == "InService", found
    yield "Reviews"
    endpoints.sm.delete_endpoint(EndpointName="Reviews")


@pytest.fixture
def runtime(cloud):
    return cloud.client("sagemaker-runtime", max_pool_connections=64)


def ask(runtime, name, body, **members):
    return runtime.invoke_endpoint(EndpointName=name, Body=body, **members)["Body"].read()


def test_boto3_and_the_command_line_get_the_models_answer(runtime, cloud, live, tmp_path):
    answer = runtime.invoke_endpoint(EndpointName=live, Body=b"x", ContentType="text/csv")
    assert answer["Body"].read() == b"echo"
    assert answer["CustomAttributes"] == "given"
    assert answer["InvokedProductionVariant"] == "v"
    headers = json.loads(ask(runtime, live, b"headers", InferenceId="i", ContentType="a/b"))
    ours = {
        name for name in headers if name.lower() not in ("host", "content-length", "connection")
    }
    assert ours == {"Content-Type", "X-Amzn-SageMaker-Inference-Id"}
    out = tmp_path / "out"
    words = ["sagemaker-runtime", "invoke-endpoint", "--endpoint-name", live, "--body", "eA=="]
    aws = Path(sys.executable).with_name("aws")
    done = subprocess.run([aws, *words, out], env=cloud.environment(), capture_output=True)
    assert (done.returncode, out.read_bytes()) == (0, b"echo"), done.stderr


def test_a_model_that_dies_is_a_server_error_and_answers_again(runtime, live):
    with pytest.raises(ClientError) as caught:
        ask(runtime, live, b"exit")
    assert caught.value.response["OriginalStatusCode"] == 0
    assert "as the model process exited." in str(caught.value)
    assert ask(runtime, live, b"x") == b"echo"


def test_slow_invocations_keep_nobody_waiting(runtime, cloud, live):
    answers = []
    slow = [
        threading.Thread(target=lambda: answers.append(ask(runtime, live, b"sleep 2")))
        for _ in range(64)
    ]
    for thread in slow:
        thread.start()
    began = time.monotonic()
    assert cloud.client("sagemaker").list_endpoints()["Endpoints"]
    assert not answers, time.monotonic() - began
    for thread in slow:
        thread.join()
    assert answers == [b"slept"] * 64


def test_a_giant_payload_is_refused_without_being_held(runtime, cloud, live):
    def most():
        status = Path(f"/proc/{cloud.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])  # KiB

    before = most()
    with pytest.raises(ClientError) as caught:
        ask(runtime, live, bytes(100 << 20))
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert str(caught.value).endswith(" has oversize body.")
    assert most() - before < 50 << 10


def test_metrics_are_readable_within_seconds(runtime, cloud, live):
    watch = cloud.client("cloudwatch")
    dimensions = [{"Name": "EndpointName", "Value": live}, {"Name": "VariantName", "Value": "v"}]

    def total(name):
        now = datetime.now(UTC)
        found = watch.get_metric_statistics(
            Namespace="AWS/SageMaker", MetricName=name, Dimensions=dimensions, Period=60,
            StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=1),
            Statistics=["Sum"],
        )  # fmt: skip
        return sum(point["Sum"] for point in found["Datapoints"])

    before = total("Invocations"), total("Invocation4XXErrors")
    ask(runtime, live, b"x")
    with pytest.raises(ClientError):
        ask(runtime, live, b"status 400")
    end = time.monotonic() + 5
    while (total("Invocations"), total("Invocation4XXErrors")) != (before[0] + 2, before[1] + 1):
        assert time.monotonic() < end
        time.sleep(0.05)
