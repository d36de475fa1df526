"""The AWS CLI, and clients that vanish or lie."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ParamValidationError

AWS = Path(sys.executable).parent / "aws"


def files(cloud, bucket) -> list[Path]:
    return [path for path in (cloud.home / "s3" / bucket).rglob("*") if path.is_file()]


@pytest.mark.slow
def test_the_aws_cli(cloud, bucket, tmp_path):
    def aws(*words: str) -> str:
        ended = subprocess.run(
            [AWS, *words], env=cloud.environment(), capture_output=True, text=True, timeout=60
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    source, back = tmp_path / "source", tmp_path / "back"
    (source / "deep").mkdir(parents=True)
    (source / "a b.txt").write_bytes(b"small")
    (source / "deep" / "big").write_bytes(os.urandom(9 << 20))  # goes up in parts
    aws("s3", "sync", str(source), f"s3://{bucket}/data")
    assert "a b.txt" in aws("s3", "ls", f"s3://{bucket}/data/")
    aws("s3", "cp", "--recursive", f"s3://{bucket}/data", str(back))
    for path in ("a b.txt", "deep/big"):
        assert (back / path).read_bytes() == (source / path).read_bytes()
    aws("s3", "rm", "--recursive", f"s3://{bucket}")
    assert files(cloud, bucket) == []


def test_a_client_that_vanishes_leaves_no_half_object(cloud, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"whole")
    with socket.create_connection(("127.0.0.1", cloud.port)) as client:
        head = f"PUT /{bucket}/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        client.sendall(head.encode() + b"x" * 1000)
        client.shutdown(socket.SHUT_WR)
        assert b"IncompleteBody" in client.makefile("rb").read()
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"whole"
    assert len(files(cloud, bucket)) == 1


def test_a_killed_cloud_leaves_no_half_object(own_cloud):
    s3 = own_cloud.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"whole")
    with socket.create_connection(("127.0.0.1", own_cloud.port)) as client:
        head = "PUT /bucket/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
        client.sendall(head.encode() + b"x" * 8_000_000)
        while len(files(own_cloud, "bucket")) < 2:
            time.sleep(0.01)
        own_cloud.kill()
    own_cloud.start()
    until = time.monotonic() + 30
    while len(files(own_cloud, "bucket")) > 1:
        assert time.monotonic() < until, "the half object is still there"
        time.sleep(0.02)
    got = own_cloud.client("s3").get_object(Bucket="bucket", Key="a")
    assert got["Body"].read() == b"whole"


def test_expect_100_continue(cloud, bucket):
    with socket.create_connection(("127.0.0.1", cloud.port)) as client:
        head = f"PUT /{bucket}/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        client.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        reader = client.makefile("rb")
        assert reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        reader.readline()
        client.sendall(b"x")
        assert reader.readline() == b"HTTP/1.1 200 OK\r\n"


def test_a_refused_upload_does_not_confuse_the_connection(cloud, bucket):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request("PUT", "/no-such-bucket/a", b"GET / HTTP/1.1\r\n" * 100_000)
    assert b"NoSuchBucket" in connection.getresponse().read()
    connection.request("PUT", f"/{bucket}/a", b"fine")
    assert connection.getresponse().status == 200


@pytest.mark.parametrize("name", ["..", "a/../..", "%2e%2e", "ab", "moto-api"])
def test_no_bucket_name_leads_out_of_the_folder(cloud, s3, name):
    before = {path.name for path in cloud.home.iterdir()}
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request("PUT", f"/{name}/key", b"x")
    assert connection.getresponse().status in (400, 403, 404)
    with pytest.raises((ClientError, ParamValidationError)):
        s3.create_bucket(Bucket=name)
    assert {path.name for path in cloud.home.iterdir()} == before
