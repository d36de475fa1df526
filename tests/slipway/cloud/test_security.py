"""Whom the endpoint answers."""

import http.client
import io
from pathlib import Path

import pytest

from slipway.cloud.security import refusal
from slipway.cloud.wire import Request


def request(**headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", "/", "", headers, io.BytesIO())


@pytest.mark.parametrize(
    "host", ["localhost:4599", "LOCALHOST", "bucket.localhost:1", "a.b.s3.localhost", "127.0.0.1:9",
             "[::1]:4599", "localhost.:1"],
)  # fmt: skip
def test_names_of_this_machine_are_answered(host):
    assert refusal(request(host=host)) == ""
    assert refusal(request(host=host, origin=f"http://{host}")) == ""


@pytest.mark.parametrize(
    "host",
    ["", "evil.com", "localhost.evil.com", "127.0.0.1.evil.com", "evil.com:4599", "notlocalhost",
     "10.0.0.1:4599", "localhost:80@evil.com", "localhost\n"],
)  # fmt: skip
def test_other_names_are_not(host):
    assert f"found {host!r}" in refusal(request(host=host))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.com"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "https://localhost:4599"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_web_pages_of_another_origin_are_refused(headers):
    assert "web page" in refusal(request(host="localhost:4599", **headers))


@pytest.mark.parametrize("path", ["/", "/bucket/key", "/?Action=CreateUser&UserName=evil"])
def test_a_refusal_is_403_and_nothing_happens(cloud, path):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    connection.request("POST", path, headers={"Origin": "http://evil.com"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert b"AccessDenied" in answer.read()
    connection.close()
    names = [user["UserName"] for user in cloud.client("iam").list_users()["Users"]]
    assert "evil" not in names


def test_nothing_listens_beyond_loopback(cloud):
    table = Path(f"/proc/{cloud.process.pid}/net/tcp").read_text()
    rows = [line.split() for line in table.splitlines()][1:]
    own = [row[1] for row in rows if row[3] == "0A" and int(row[1][-4:], 16) == cloud.port]
    assert own == [f"0100007F:{cloud.port:04X}"]
