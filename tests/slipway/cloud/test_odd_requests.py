"""Requests that nobody can answer: told as the caller's error, in the protocol's form, without a trace."""

import http.client
import socket
from contextlib import ExitStack, suppress

import pytest

LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><{0}>&b;</{0}>'


def asked(cloud, method, path, body="", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.fixture(autouse=True)
def no_traces(cloud):
    log = cloud.home / "cloud.log"
    before = log.stat().st_size
    yield
    assert "Traceback" not in log.read_text()[before:]


@pytest.mark.parametrize("service", ["SageMaker", "SecretsManager"])
def test_an_operation_that_aws_does_not_have(cloud, service):
    scope = f"20260101/us-east-1/{service.lower()}/aws4_request"
    status, text = asked(
        cloud, "POST", "/", "{}", X_Amz_Target=f"{service}.MakeCoffee",
        Authorization=f"AWS4-HMAC-SHA256 Credential=a/{scope}, SignedHeaders=host, Signature=s",
    )  # fmt: skip
    assert status in (400, 501)
    assert "coffee" in text.lower()


@pytest.mark.parametrize(
    "query, body",
    [("tagging", "<Tagging>"), ("lifecycle", ""), ("tagging", LAUGHS.format("Tagging")),
     ("delete", "<Delete>"), ("delete", LAUGHS.format("Delete"))],
)  # fmt: skip
def test_xml_that_is_none_or_grows_when_read(cloud, query, body):
    cloud.client("s3").create_bucket(Bucket="xml")
    method = "POST" if query == "delete" else "PUT"
    status, text = asked(cloud, method, f"/xml?{query}", body)
    assert (status, "<Code>MalformedXML</Code>" in text) == (400, True), text


def test_a_body_that_ends_too_early_is_no_object(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="late")
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=60) as connection:
        head = "PUT /late/half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n\r\nabc"
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert "Contents" not in s3.list_objects_v2(Bucket="late")
    assert list((cloud.home / "s3").rglob("half*")) == []


@pytest.mark.parametrize("path", ["/moto-api/reset", "/%6doto-api/reset", "/moto%2dapi/reset"])
def test_no_spelling_of_a_path_reaches_the_ground_s_own_interface(cloud, path):
    iam = cloud.client("iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="stays")
    scope = "Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=s"
    status, text = asked(cloud, "POST", path, Authorization=f"AWS4-HMAC-SHA256 {scope}")
    assert (status, "moto's own interface" in text) == (501, True)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["stays"]


def test_silent_connections_keep_nobody_waiting(cloud):
    """A browser opens connections ahead of need, more than the server has threads."""
    address = ("127.0.0.1", cloud.port)
    with ExitStack() as silent:
        for _ in range(64):
            silent.enter_context(socket.create_connection(address))
        status, _ = asked(cloud, "GET", "/no-such-bucket")
        assert status == 404
