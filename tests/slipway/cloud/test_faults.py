"""An error in Slipway, a full disk and a request too large: each in the caller's own protocol."""

import errno
import io
import sqlite3

import pytest
from botocore.exceptions import ClientError

from slipway.cloud import faults
from slipway.cloud.s3 import service as s3_service
from slipway.cloud.sagemaker import service as sagemaker
from slipway.cloud.wire import Limited, TooLarge


def broken(*_: object):
    raise RuntimeError("a bug, with a secret in it")


@pytest.mark.parametrize("service", ["sagemaker", "iam", "s3"])
def test_a_bug_is_an_internal_failure_and_its_trace_is_in_the_log(
    local, monkeypatch, caplog, service
):
    client = local.client(service)
    monkeypatch.setitem(sagemaker.OPERATIONS, "ListModels", broken)
    monkeypatch.setitem(s3_service.OPERATIONS, "GetObject", broken)
    monkeypatch.setattr(local.cloud.ground, "answer", broken)
    call = {
        "sagemaker": lambda: client.list_models(),
        "iam": lambda: client.list_users(),
        "s3": lambda: client.get_object(Bucket="b", Key="k"),
    }
    with pytest.raises(ClientError) as failed:
        call[service]()
    answer = failed.value.response
    assert answer["Error"]["Code"] == "InternalFailure"
    assert "secret" not in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "Traceback" in caplog.text


def test_what_the_ground_does_not_have_is_named(local):
    with pytest.raises(ClientError) as failed:
        local.client("ec2").describe_verified_access_groups()
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "local cloud does not have" in failed.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "InsufficientStorage"),
        (sqlite3.OperationalError("database or disk is full"), 507, "InsufficientStorage"),
        (OSError(errno.EROFS, "Read-only file system"), 507, "ReadOnlyStorage"),
        (sqlite3.OperationalError("attempt to write a readonly database"), 507, "ReadOnlyStorage"),
        (TimeoutError("timed out"), 400, "RequestTimeout"),
        (TooLarge("x"), 413, "RequestEntityTooLarge"),
        (NotImplementedError("x"), 501, "NotImplemented"),
        (FileNotFoundError(errno.ENOENT, "x"), 500, "InternalFailure"),
        (sqlite3.OperationalError("no such table"), 500, "InternalFailure"),
    ],
)
def test_an_exception_means_one_thing(error, status, code):
    fault = faults.explain(error, "/home")
    assert (fault.status, fault.code) == (status, code)
    assert fault.expected is (status != 500)


def test_a_body_has_a_limit():
    assert Limited(io.BytesIO(b"12345"), 5).read() == b"12345"
    stream = Limited(io.BytesIO(b"12345"), 5)
    assert stream.read(3) + stream.read(3) + stream.read(3) == b"12345"
    with pytest.raises(TooLarge, match="at most 4"):
        Limited(io.BytesIO(b"12345"), 4).read()
    stream = Limited(io.BytesIO(b"x" * 100), 10)
    with pytest.raises(TooLarge):
        while stream.read(4):
            pass
