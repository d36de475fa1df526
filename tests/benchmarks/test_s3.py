"""S3 of the local cloud beside moto's server and MiniStack: the same client and requests, in turns."""

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

from slipway.images import environment

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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    """Every server, each a process of its own: {name: (client, process id)}."""
    home, scratch = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("ministack")
    ports = {"moto": free_port(), "ministack": free_port()}
    ministack = environment.cache() / "bench-peers" / "bin" / "ministack"
    commands = {
        "moto": [Path(sys.executable).parent / "moto_server", "-p", str(ports["moto"])],
        "ministack": [ministack],
        "slipway": [sys.executable, "-m", "slipway.cloud.process", str(home), "0"],
    }
    own = {"GATEWAY_PORT": str(ports["ministack"]), "BIND_HOST": "127.0.0.1"}
    environ = os.environ | own | {"TMPDIR": str(scratch)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environ}
    processes = {name: subprocess.Popen(words, **quiet) for name, words in commands.items()}
    while not (home / "endpoint").exists():
        time.sleep(0.05)
    ports["slipway"] = int((home / "endpoint").read_text().rpartition(":")[2])
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
    """Print the median of each server, measured in turns; return the ratio to the best peer."""
    rates: dict[str, list[float]] = {name: [] for name in peers}
    for turn in range(ROUNDS):
        for name, (s3, _) in peers.items():
            rates[name].append(measure(s3, turn))
    median = {name: statistics.median(found) for name, found in rates.items()}
    ours = median.pop("slipway")
    others = ", ".join(f"{name} {rate:.0f} ({ours / rate:.1f}×)" for name, rate in median.items())
    print(f"\n{what}: slipway {ours:.0f} {unit}; {others}")
    return ours / max(median.values())


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
    held = ", ".join(f"{name} {memory(pid):.0f} MiB" for name, (_, pid) in peers.items())
    print(f"memory: slipway grew by {grown:.0f} MiB; at most {held}")
    assert min(ratios) > 1
    assert grown < 128  # MiB; the objects had 256
