"""What the local cloud adds to a model's answer, and whether it loses a request under load."""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import boto3
import pytest

from endpoints import IMAGE, PYTHON, Endpoints, variant
from slipway.images import catalog
from trivial_server import BODY

pytestmark = pytest.mark.bench

SERVER = Path(__file__).parents[1] / "support" / "trivial_server.py"
CALLS, CONNECTIONS, MANY = 2000, 64, 10_000
PAYLOAD = b'{"features": ["I loved it and would buy it again."]}'
SCOPE = "test/20261121/us-east-1/sagemaker/aws4_request"
SIGNED = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
HEADERS = {
    "Host": "localhost",
    "Content-Type": "application/jsonlines",
    "Authorization": SIGNED,
    "User-Agent": "Boto3/1.44.5 md/Botocore#1.44.5 os/linux lang/python#3.11",
    "amz-sdk-request": "attempt=1",
    "Content-Length": str(len(PAYLOAD)),
}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://captured/data",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
}


class Cloud:
    """A cloud in a process of its own, as `Endpoints` needs one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        words = [sys.executable, "-m", "slipway.cloud.process", str(home), "0"]
        self.process = subprocess.Popen(words)
        while not (home / "endpoint").exists():
            time.sleep(0.05)
        self.endpoint = (home / "endpoint").read_text()
        self.port = int(self.endpoint.rpartition(":")[2])

    def client(self, service: str):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", **keys)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    made = Cloud(tmp_path_factory.mktemp("home"))
    endpoints = Endpoints(made)
    uri = IMAGE.replace("byo", "trivial")
    entry = {"command": [str(PYTHON), "-S", str(SERVER)], "folder": str(SERVER.parent)}
    catalog.write(catalog.file_of(made.home), uri, entry | {"binds_port": True})
    endpoints.model("trivial", uri)
    made.client("s3").create_bucket(Bucket="captured")
    endpoints.create("Plain", variant("trivial"))
    endpoints.create("Captured", variant("trivial"), DataCaptureConfig=CAPTURE)
    for name in ("Plain", "Captured"):
        assert endpoints.settled(name)["EndpointStatus"] == "InService"
    yield made
    made.process.terminate()
    made.process.wait()


@pytest.fixture(scope="module")
def direct():
    """The port of a model server that is asked without a cloud."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([PYTHON, "-S", SERVER, "serve", str(port)], env=os.environ)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.02)
    yield port
    process.kill()
    process.wait()


class Caller:
    """One connection; a request costs it next to nothing."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {text}" for name, text in HEADERS.items())]
        self._request = "\r\n".join([*lines, "", ""]).encode() + PAYLOAD

    def ask(self) -> float:
        """Return the seconds that one answer took."""
        began = time.perf_counter()
        self._connection.sendall(self._request)
        answer = b""
        while not answer.endswith(BODY):
            received = self._connection.recv(1 << 16)
            assert received, answer
            answer += received
        assert answer.startswith(b"HTTP/1.1 200"), answer
        return time.perf_counter() - began


def invocations(name: str) -> str:
    return f"/endpoints/{name}/invocations"


def test_what_the_cloud_adds_to_a_models_answer(cloud, direct):
    callers = {
        "the model server alone": Caller(direct, "/invocations"),
        "through the endpoint": Caller(cloud.port, invocations("Plain")),
        "captured": Caller(cloud.port, invocations("Captured")),
    }
    found: dict[str, list[float]] = {name: [] for name in callers}
    for turn in range(CALLS + 200):  # the first ones warm up
        for name, caller in callers.items():
            seconds = caller.ask()
            if turn >= 200:
                found[name].append(seconds * 1e6)
    median = {name: statistics.median(each) for name, each in found.items()}
    alone, through, captured = median.values()
    print(
        f"\n{CALLS} calls in turn, medians: the model server alone {alone:.0f} µs, through the "
        f"endpoint {through:.0f} µs: the cloud adds {through - alone:.0f} µs; data capture adds "
        f"{captured - through:.0f} µs ({captured / through - 1:+.1%})"
    )


def captured(cloud) -> int:
    """Return how many requests of the captured endpoint are in S3."""
    s3, lines = cloud.client("s3"), 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="captured"):
        for each in page.get("Contents", []):
            body = s3.get_object(Bucket="captured", Key=each["Key"])["Body"]
            lines += body.read().count(b"\n")
    return lines


def test_no_request_of_many_connections_is_lost(cloud):
    each, done = MANY // CONNECTIONS, []
    time.sleep(30)  # what was captured before is in S3
    before = captured(cloud)

    def caller() -> None:
        mine = Caller(cloud.port, invocations("Captured"))
        done.extend([mine.ask() for _ in range(each)])

    threads = [threading.Thread(target=caller) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(done) / (time.perf_counter() - began)
    assert len(done) == each * CONNECTIONS
    print(f"\n{len(done)} requests over {CONNECTIONS} connections: {rate:.0f}/s, none lost")
    began = time.monotonic()
    while (lines := captured(cloud) - before) < len(done) and time.monotonic() - began < 60:
        time.sleep(1)
    print(f"{lines} lines captured, in S3 after {time.monotonic() - began:.0f} s")
    assert lines == len(done)
