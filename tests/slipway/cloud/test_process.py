"""The life of the cloud's process, and what it says when it cannot be."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest


def refused(home, port=0) -> str:
    """Start a cloud that cannot be, and return what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "slipway.cloud.process", str(home), str(port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()  # one line, no trace
    return line


def test_a_clean_stop_leaves_nothing_that_names_a_cloud(own_cloud):
    home = own_cloud.home
    assert (home / "pid").read_text() == str(own_cloud.process.pid)
    private = [home, home / "s3", *home.glob("state.sqlite*")]
    assert len(private) > 3
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in private)
    assert own_cloud.stop() == 0
    assert not (home / "endpoint").exists() and not (home / "pid").exists()


def test_two_clouds_on_one_folder(own_cloud):
    said = refused(own_cloud.home)
    assert str(own_cloud.home) in said
    assert f"process {own_cloud.process.pid}" in said
    assert "SLIPWAY_HOME" in said
    assert own_cloud.client("s3").list_buckets()["Buckets"] == []
    assert (own_cloud.home / "endpoint").read_text() == own_cloud.endpoint


def test_a_taken_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path / "home", port)
    assert str(port) in said and "SLIPWAY_PORT" in said
    assert not (tmp_path / "home" / "endpoint").exists()


def test_a_folder_of_another_version(tmp_path):
    (tmp_path / "format").write_text(json.dumps({"format": 99}))
    said = refused(tmp_path)
    assert "99" in said and "SLIPWAY_HOME" in said


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    assert "state folder that can be written" in refused(tmp_path / "file")


def test_a_setting_that_is_no_number(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIPWAY_INVOKE_TIMEOUT", "soon")
    said = refused(tmp_path / "home")
    assert said == "SLIPWAY_INVOKE_TIMEOUT: expected a number of at least 0, found 'soon'"


NAMESPACE = ["unshare", "--mount", "--map-root-user", "/bin/sh", "-c"]


def namespaces() -> bool:
    tried = subprocess.run([*NAMESPACE, "mount -t tmpfs none /mnt"], capture_output=True)
    return tried.returncode == 0


FULL = """
import sys, pathlib, boto3, botocore.exceptions, subprocess, os
sys.path.insert(0, sys.argv[1])
from conftest import CloudProcess
home = pathlib.Path("/mnt/home")
cloud = CloudProcess(home)
s3, iam = cloud.client("s3"), cloud.client("iam")
s3.create_bucket(Bucket="bucket")
s3.put_object(Bucket="bucket", Key="a", Body=b"before")
def files(): return sorted(str(p) for p in (home / "s3").rglob("*") if p.is_file())
there = files()
def code(call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
print(code(s3.put_object, Bucket="bucket", Key="a", Body=b"x" * (64 << 20)))
assert files() == there, "a half object stayed"
with open("/mnt/filler", "wb", buffering=0) as filler:
    try:
        while filler.write(b"x" * 4096): pass
    except OSError: pass
print(code(iam.create_user, UserName="u" * 40, Tags=[{"Key": "k%d" % n, "Value": "v" * 200} for n in range(40)]))
assert s3.get_object(Bucket="bucket", Key="a")["Body"].read() == b"before"
os.unlink("/mnt/filler")
iam.create_user(UserName="later")
cloud.kill(); cloud.start()
print([u["UserName"] for u in cloud.client("iam").list_users()["Users"]])
print(cloud.client("s3").get_object(Bucket="bucket", Key="a")["Body"].read().decode())
print(cloud.stop())
"""


@pytest.mark.slow
@pytest.mark.skipif(not namespaces(), reason="no mount namespaces here, so no disk to fill")
def test_a_full_disk_refuses_and_harms_nothing(tmp_path):
    script = tmp_path / "full.py"
    script.write_text(FULL)
    here = Path(__file__).parent
    command = f"mount -t tmpfs -o size=24m none /mnt && exec {sys.executable} {script} {here}"
    ended = subprocess.run([*NAMESPACE, command], capture_output=True, text=True, timeout=120)
    assert ended.stdout.splitlines() == [
        "InsufficientStorage", "InsufficientStorage", "['later']", "before", "0",
    ], ended.stderr  # fmt: skip


@pytest.mark.skipif(not namespaces(), reason="no mount namespaces here, so no read-only disk")
def test_a_read_only_folder(tmp_path):
    command = (
        f"mount -t tmpfs -o ro none /mnt && exec {sys.executable} -m slipway.cloud.process /mnt 0"
    )
    ended = subprocess.run([*NAMESPACE, command], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "Read-only" in line and "SLIPWAY_HOME" in line
