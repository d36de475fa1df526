"""Serving beside MLflow, BentoML and the bare model: one SavedModel, one preprocessing, one load.

Ours is asked through the whole local cloud (InvokeEndpoint). Every server is up before the first
measurement; they are measured in turns, and the median counts.
"""

import base64
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from callers import client
from endpoints import ROLE, variant
from reviews.readers import read_all
from slipway.images import environment
from tensorflow_image import ASSETS, ROOT, Image

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

HERE = Path(__file__).with_name("serving")
REAL = ROOT / "../shared/data/reviews"
PEERS = environment.cache() / "bench-serving-peers" / "bin"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19.0-cpu"
LINES = "application/jsonlines"
BATCHING = {
    "SAGEMAKER_TFS_ENABLE_BATCHING": "true",
    "SAGEMAKER_TFS_MAX_BATCH_SIZE": "32",
    "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS": "0",
    "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES": "10000",
}
LENGTH, ROUNDS, CONNECTIONS = 64, 3, 64
SECONDS = 8  # of load on one server
ENVIRON = os.environ | {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "BENTOML_DO_NOT_TRACK": "true",
    "PATH": f"{PEERS}:{os.environ['PATH']}",
}


@pytest.fixture(scope="module")
def texts():
    if not REAL.is_dir():
        pytest.skip("../shared/data/reviews is not there")
    batches = read_all(sorted(REAL.glob("*.tsv.gz")))
    return [review.review_body for batch in batches for review in batch.reviews][:2000]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    """The real encoder; what its head has learned makes no difference to speed."""
    image = Image(tmp_path_factory.mktemp("image"))
    folder = tmp_path_factory.mktemp("artifact") / "model"
    image.call("serving.make", folder, ASSETS / "weights", LENGTH)
    image.close()
    return folder


class Bare:
    """The model in a process without a server."""

    def __init__(self, artifact):
        self._process = subprocess.Popen(
            [PEERS / "python", HERE / "in_process.py", artifact],
            env=ENVIRON,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert json.loads(self._process.stdout.readline()) == "ready"

    def call(self, texts, batch):
        self._process.stdin.write(json.dumps({"texts": texts, "batch": batch}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="module")
def bare(artifact):
    made = Bare(artifact)
    made.call(["warm"] * 64, 32)
    yield made
    made.close()


class Server:
    """A server and how it is asked: whole HTTP requests, one per text."""

    def __init__(self, port, to_request, **options):
        self.port, self.to_request, self.options = port, to_request, options

    def load(self, texts, **plan):
        requests = [base64.b64encode(self.to_request(text)).decode() for text in texts]
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "support" / "load.py"],
            input=json.dumps({"port": self.port, "requests": requests, **self.options, **plan}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert set(found["statuses"]) == {"200"}, found["statuses"]
        assert all("predicted_label" in body for body in found["bodies"])
        return found


def plain(port, path, to_body):
    def to_request(text):
        body = json.dumps(to_body(text)).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Content-Type: application/json\r\n\r\n".encode() + body

    return Server(port, to_request, reconnect=True)  # uvicorn closes what was silent for 5 s


def signed(environ, endpoint):
    """Return the endpoint as a server whose requests are signed as boto3 signs them."""
    url = environ["AWS_ENDPOINT_URL"]
    keys = Credentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])
    auth = SigV4Auth(keys, "sagemaker", environ["AWS_DEFAULT_REGION"])

    def to_request(text):
        body = (json.dumps({"features": [text]}) + "\n").encode()
        path = f"/endpoints/{endpoint}/invocations"
        headers = {"Content-Type": LINES, "Accept": LINES}
        request = AWSRequest("POST", url + path, data=body, headers=headers)
        auth.add_auth(request)
        lines = [f"POST {path} HTTP/1.1", f"Host: {url.partition('//')[2]}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    return Server(int(url.rpartition(":")[2]), to_request)


@pytest.fixture(scope="module")
def endpoint(cloud, artifact):
    """The artifact on an endpoint that captures everything."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        archive.add(artifact, ".")
    s3, sagemaker = (client(cloud.environ, name) for name in ("s3", "sagemaker"))
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="model.tar.gz", Body=packed.getvalue())
    container = {
        "Image": IMAGE,
        "ModelDataUrl": "s3://bench/model.tar.gz",
        "Environment": BATCHING,
    }
    sagemaker.create_model(ModelName="bench", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    sagemaker.create_endpoint_config(
        EndpointConfigName="bench",
        ProductionVariants=[variant("bench")],
        DataCaptureConfig={
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://bench/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        },
    )
    sagemaker.create_endpoint(EndpointName="bench", EndpointConfigName="bench")
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="bench", WaiterConfig={"Delay": 1}
    )
    return signed(cloud.environ, "bench")


@pytest.fixture(scope="module")
def servers(endpoint, artifact, texts, tmp_path_factory):
    """Ours, MLflow, BentoML with its batching and without, all of them warm."""
    folder = tmp_path_factory.mktemp("peers")
    environ = ENVIRON | {"ARTIFACT": str(artifact), "BENTOML_HOME": str(folder / "bentoml")}
    saved = folder / "mlflow"
    quiet = {"env": environ, "cwd": HERE}
    subprocess.run(
        [PEERS / "python", "mlflow_model.py", artifact, saved],
        **quiet,
        check=True,
        capture_output=True,
    )
    ports = {name: free_port() for name in ("mlflow", "bentoml", "bentoml, batching")}
    bento = [PEERS / "bentoml", "serve"]
    commands = {
        "mlflow": [
            *(PEERS / "mlflow", "models", "serve", "-m", saved, "--env-manager", "local"),
            *("-p", ports["mlflow"]),
        ],
        "bentoml": [*bento, "bento_service:Single", "-p", ports["bentoml"]],
        "bentoml, batching": [*bento, "bento_service:Batching", "-p", ports["bentoml, batching"]],
    }
    processes = []
    for name, words in commands.items():
        log = (folder / f"{name}.log").open("w")
        words = [str(word) for word in words]
        processes.append(subprocess.Popen(words, **quiet, stdout=log, stderr=log))
    found = {
        "slipway": endpoint,
        "mlflow": plain(ports["mlflow"], "/invocations", lambda text: {"inputs": [text]}),
    }
    for name in ("bentoml", "bentoml, batching"):
        found[name] = plain(ports[name], "/predict", lambda text: {"texts": [text]})
    for server in found.values():
        until_it_answers(server)
        server.load(texts, connections=CONNECTIONS, seconds=SECONDS / 2)
    yield found
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def free_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def until_it_answers(server, seconds=180):
    end = time.monotonic() + seconds
    while True:
        try:
            server.load(["warm"], connections=1, count=1)
            return
        except AssertionError:
            assert time.monotonic() < end
            time.sleep(0.5)


def percentile(latencies, share):
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def test_throughput_at_saturation(servers, texts):
    rates = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            found = server.load(texts, connections=CONNECTIONS, seconds=SECONDS)
            rates[name].append(len(found["latencies"]) / found["seconds"])
    medians = {name: statistics.median(each) for name, each in rates.items()}
    for name, each in rates.items():
        print(f"\n{name:<20}{medians[name]:6.0f} reviews/s", [round(rate) for rate in each], end="")
    ours = medians.pop("slipway")
    print(f"\nours / best peer: {ours / max(medians.values()):.2f}")
    assert ours >= 1.5 * max(medians.values())


def test_latency_of_one_connection_without_load(servers, bare, texts):
    differences, each = [], {name: [] for name in ("in process", *servers)}
    for turn in range(ROUNDS):
        some = texts[turn * 100 : turn * 100 + 100]
        alone = bare.call(some, 1)["latencies"]
        each["in process"].append(percentile(alone, 0.5))
        for name, server in servers.items():
            found = server.load(some, connections=1, count=len(some))["latencies"]
            each[name].append(percentile(found, 0.5))
        differences.append(each["slipway"][-1] - each["in process"][-1])
    for name, found in each.items():
        print(f"\n{name:<20}p50 {statistics.median(found):6.1f} ms", end="")
    print(f"\nours - in process: {statistics.median(differences):.2f} ms")
    assert statistics.median(differences) <= 2


def test_latency_at_half_load(endpoint, texts):
    full = endpoint.load(texts, connections=CONNECTIONS, seconds=SECONDS)
    rate = 0.5 * len(full["latencies"]) / full["seconds"]
    found = endpoint.load(texts, connections=CONNECTIONS, rate=rate, seconds=2 * SECONDS)[
        "latencies"
    ]
    p50, p99 = percentile(found, 0.5), percentile(found, 0.99)
    print(f"\n{rate:.0f} requests/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms, p99 / p50 {p99 / p50:.2f}")
    assert p99 < 2 * p50


def test_batch_transform(cloud, endpoint, bare, texts):
    s3, sagemaker = (client(cloud.environ, name) for name in ("s3", "sagemaker"))
    lines = "".join(json.dumps({"features": [text]}) + "\n" for text in texts)
    s3.put_object(Bucket="bench", Key="in/reviews.jsonl", Body=lines.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/in/"}
    rates = {"slipway": [], "in process": []}
    for turn in range(ROUNDS):
        name = f"bench-{turn}"
        sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName="bench",
            BatchStrategy="MultiRecord",
            TransformInput={
                "DataSource": {"S3DataSource": source},
                "ContentType": LINES,
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": f"s3://bench/out/{name}", "AssembleWith": "None"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
            TransformJobName=name, WaiterConfig={"Delay": 1}
        )
        job = sagemaker.describe_transform_job(TransformJobName=name)
        # Without the model's load, which is not in the other figure either: the data log begins after it.
        (begun,) = client(cloud.environ, "logs").filter_log_events(
            logGroupName="/aws/sagemaker/TransformJobs",
            logStreamNamePrefix=f"{name}/",
            filterPattern="MaxConcurrentTransforms",
        )["events"]
        seconds = job["TransformEndTime"].timestamp() - begun["timestamp"] / 1000
        rates["slipway"].append(len(texts) / seconds)
        answer = s3.get_object(Bucket="bench", Key=f"out/{name}/reviews.jsonl.out")["Body"].read()
        assert answer.count(b"predicted_label") == len(texts)
        rates["in process"].append(len(texts) / bare.call(texts, 32)["seconds"])
    for name, each in rates.items():
        print(f"\n{name:<12}{statistics.median(each):5.0f} reviews/s", end="")
    share = statistics.median(rates["slipway"]) / statistics.median(rates["in process"])
    print(f"\nbatch transform / bare model: {share:.2f}")
    assert share >= 0.8


def test_nothing_is_lost_and_everything_is_captured(cloud, endpoint, texts):
    s3 = client(cloud.environ, "s3")
    before = captured(s3)
    found = endpoint.load(texts, connections=CONNECTIONS, count=10_000)
    assert len(found["latencies"]) == 10_000
    end = time.monotonic() + 40
    while captured(s3) - before < 10_000 and time.monotonic() < end:
        time.sleep(1)
    print(
        f"\n10000 requests at {10_000 / found['seconds']:.0f}/s, captured: {captured(s3) - before}"
    )
    assert captured(s3) - before == 10_000


def captured(s3):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix="captured/")
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    bodies = (s3.get_object(Bucket="bench", Key=key)["Body"].read() for key in keys)
    return sum(body.count(b"\n") for body in bodies)
