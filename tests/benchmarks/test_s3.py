"""S3 of the local cloud beside moto's own server: the same client, the same requests, in turns."""

import io
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from boto3.s3.transfer import TransferConfig

pytestmark = pytest.mark.bench

ROUNDS = 3
SMALL, COUNT = 10 * 1024, 300  # bytes of a small object, and how many in a round
LARGE = 256 << 20  # bytes
PARTS = TransferConfig(max_concurrency=4)


def client(port: int):
    return boto3.client(
        "s3",
        endpoint_url=f"http://localhost:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    """Both servers, each a process of its own: {name: (client, process id)}."""
    home = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    moto = Path(sys.executable).parent / "moto_server"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = {
        "moto": subprocess.Popen([moto, "-p", str(port)], **quiet),
        "slipway": subprocess.Popen(
            [sys.executable, "-m", "slipway.cloud.process", str(home), "0"], **quiet
        ),
    }
    while not (home / "endpoint").exists():
        time.sleep(0.05)
    ports = {"moto": port, "slipway": int((home / "endpoint").read_text().rpartition(":")[2])}
    found = {}
    for name, process in processes.items():
        s3 = client(ports[name])
        s3.create_bucket(Bucket="bench")
        found[name] = (s3, process.pid)
    yield found
    for process in processes.values():
        process.terminate()
        process.wait()


def side_by_side(peers, what: str, unit: str, measure) -> float:
    """Print the median of each peer, measured in turns; return the ratio."""
    rates: dict[str, list[float]] = {name: [] for name in peers}
    for turn in range(ROUNDS):
        for name, (s3, _) in peers.items():
            rates[name].append(measure(s3, turn))
    slipway, moto = statistics.median(rates["slipway"]), statistics.median(rates["moto"])
    print(f"\n{what}: slipway {slipway:.0f} {unit}, moto {moto:.0f} {unit}, {slipway / moto:.1f}×")
    return slipway / moto


def memory(pid: int) -> float:
    """Return the most memory that a process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_small_puts(peers):
    body = os.urandom(SMALL)

    def puts(s3, turn: int) -> float:
        started = time.perf_counter()
        for number in range(COUNT):
            s3.put_object(Bucket="bench", Key=f"small/{turn}/{number}", Body=body)
        return COUNT / (time.perf_counter() - started)

    assert side_by_side(peers, "puts of 10 KB", "/s", puts) > 1


def test_small_gets(peers):
    for s3, _ in peers.values():
        s3.put_object(Bucket="bench", Key="small", Body=os.urandom(SMALL))

    def gets(s3, turn: int) -> float:
        started = time.perf_counter()
        for _ in range(COUNT):
            assert len(s3.get_object(Bucket="bench", Key="small")["Body"].read()) == SMALL
        return COUNT / (time.perf_counter() - started)

    assert side_by_side(peers, "gets of 10 KB", "/s", gets) > 1


def test_large_objects_in_and_out(peers):
    body = os.urandom(1 << 20) * (LARGE >> 20)
    before = memory(peers["slipway"][1])

    def whole_in(s3, turn: int) -> float:
        started = time.perf_counter()
        s3.put_object(Bucket="bench", Key="large", Body=body)
        return LARGE / 1e6 / (time.perf_counter() - started)

    def whole_out(s3, turn: int) -> float:
        started = time.perf_counter()
        stream = s3.get_object(Bucket="bench", Key="large")["Body"]
        assert sum(len(chunk) for chunk in stream.iter_chunks(1 << 20)) == LARGE
        return LARGE / 1e6 / (time.perf_counter() - started)

    def parts_in(s3, turn: int) -> float:
        started = time.perf_counter()
        s3.upload_fileobj(io.BytesIO(body), "bench", "parts", Config=PARTS)
        return LARGE / 1e6 / (time.perf_counter() - started)

    ratios = [
        side_by_side(peers, "one PutObject of 256 MiB", "MB/s", whole_in),
        side_by_side(peers, "one GetObject of 256 MiB", "MB/s", whole_out),
        side_by_side(peers, "256 MiB in parts", "MB/s", parts_in),
    ]
    grown = memory(peers["slipway"][1]) - before
    print(f"memory: slipway grew by {grown:.0f} MiB, moto is at {memory(peers['moto'][1]):.0f} MiB")
    assert min(ratios) > 1
    assert grown < 128  # MiB; the objects had 256
