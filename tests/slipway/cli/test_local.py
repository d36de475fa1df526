"""up, down, status, env."""

import json
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import boto3
import pytest

from tests.conftest import Shell


def wait_until_gone(pid):
    """Wait for a process to end; a zombie that nobody has asked for has ended too."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} still runs")


def test_a_cloud_comes_up_is_found_and_goes_down(shell):
    up = shell("up", "--json")
    assert up.code == 0, up.err
    endpoint = up.json["endpoint"]
    assert endpoint.startswith("http://localhost:")
    assert shell("status", "--json").json == {"up": True, **up.json}

    again = shell("up", "--json")
    assert (again.code, again.json) == (0, up.json)
    assert "already up" in again.err

    down = shell("down", "--json")
    assert (down.code, down.json["stopped"]) == (0, True)
    with pytest.raises(OSError):
        urllib.request.urlopen(endpoint, timeout=5)
    wait_until_gone(up.json["pid"])
    assert shell("status").code == 1
    assert shell("down", "--json").json["stopped"] is False


def test_env_is_safe_to_evaluate(cloud):
    endpoint = cloud("status", "--json").json["endpoint"]
    assert cloud.environ["AWS_ENDPOINT_URL"] == endpoint
    assert cloud.environ["AWS_REGION"] == "us-east-1"
    assert cloud.environ["CDK_REQUIRE_APPROVAL"] == "never"
    lines = cloud("env").out.splitlines()
    assert all(line.startswith(("export ", "unset ")) for line in lines)
    assert cloud("env", "--json").json["AWS_ENDPOINT_URL"] == endpoint


def test_env_without_a_cloud_prints_nothing_that_a_shell_would_evaluate(shell):
    ended = shell("env")
    assert (ended.code, ended.out) == (1, "")
    assert "slipway up" in ended.err


def test_status_warns_when_the_shell_points_elsewhere(shell):
    shell("up")
    assert "this shell points at AWS" in shell("status").out
    assert "this shell points" not in shell.pointed_at_the_cloud()("status").out


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_that_is_none_is_refused_in_one_line(shell, port):
    shell.environ["SLIPWAY_PORT"] = port
    ended = shell("up")
    assert ended.code == 1
    assert ended.err == (
        f"slipway: SLIPWAY_PORT: expected a port from 0 (a free one) to 65535, found {port!r}\n"
    )


def test_a_home_that_is_a_file_is_refused_in_one_line(shell):
    shell.home.write_text("not a folder")
    ended = shell("up")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert "SLIPWAY_HOME" in ended.err


def test_a_port_that_is_taken_is_refused_in_one_line(shell):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = shell("up", "--port", str(port))
    assert ended.code == 1
    assert f"expected port {port} of 127.0.0.1 to be free" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_killed_cloud_comes_up_again_on_its_folder(shell):
    pid = shell("up", "--json").json["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert shell("status").code == 1
    assert shell("up", "--json").json["pid"] != pid


def test_a_stale_pid_that_another_process_has_now_is_not_taken_for_the_cloud(shell):
    shell("up")
    endpoint = (shell.home / "endpoint").read_text()
    shell("down")
    (shell.home / "endpoint").write_text(endpoint)
    (shell.home / "pid").write_text(str(os.getpid()))
    assert shell("status").code == 1
    assert shell("down", "--json").json["stopped"] is False  # and we are still alive


def test_a_state_folder_of_another_version_is_refused_in_one_line(shell):
    shell("up")
    shell("down")
    (shell.home / "format").write_text('{"format": 99}')
    ended = shell("up")
    assert ended.code == 1
    assert "found 99" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_cloud_that_breaks_on_its_way_up_is_a_bug_with_its_trace(shell, tmp_path):
    (tmp_path / "cheroot.py").write_text("raise RuntimeError('broken on purpose')")
    shell.environ["PYTHONPATH"] = str(tmp_path)
    ended = shell("up")
    assert ended.code == 2
    assert "RuntimeError: broken on purpose" in ended.err
    assert ended.err.splitlines()[-1].startswith("slipway: this is a bug in Slipway")


def test_env_of_a_role_is_its_session_under_the_name_that_is_given(cloud):
    iam = client(cloud, "iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust["Principal"] = {"AWS": "arn:aws:iam::123456789012:root"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for name in ("of-operations", "other-operations"):
        tags = [{"Key": "slipway:role", "Value": "operations-of-env"}]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Tags=tags)
        found = cloud("env", "--role", "operations-of-env", "--session", "ana", "--json")
        if name == "of-operations":
            assert found.code == 0, found.err
            arn = client(cloud, "sts", found.json).get_caller_identity()["Arn"]
            assert arn.endswith(":assumed-role/of-operations/ana")
    assert found.code == 1 and "of-operations or arn:" in found.err
    assert cloud("env", "--role", "other-operations").out.endswith("unset AWS_PROFILE\n")
    nobody = cloud("env", "--role", "operators")
    assert (nobody.code, nobody.out) == (1, "") and "operations-of-env" in nobody.err
    assert "found 'a b'" in cloud("env", "--role", "of-operations", "--session", "a b").err
    assert "give --role" in cloud("env", "--session", "ana").err


def client(cloud, service, given=None):
    given = given or cloud.environ
    session = boto3.Session(
        given["AWS_ACCESS_KEY_ID"],
        given["AWS_SECRET_ACCESS_KEY"],
        given.get("AWS_SESSION_TOKEN"),
        given["AWS_REGION"],
    )
    return session.client(service, endpoint_url=given["AWS_ENDPOINT_URL"])


def test_a_cloud_that_enforces_iam_says_so_and_knows_its_callers(shell):
    assert shell("up", "--enforce-iam", "--json").json["enforces_iam"] is True
    assert "IAM     enforced" in shell("status").out
    pointed = shell.pointed_at_the_cloud()
    assert pointed("models").code == 0
    stranger = Shell(shell.home, **pointed.environ | {"AWS_ACCESS_KEY_ID": "AKIANOBODY"})
    assert "The security token included in the request is invalid." in stranger("models").err
    shell("down")
    assert shell("up", "--json").json["enforces_iam"] is False
    again = shell("up", "--enforce-iam")
    assert again.code == 1
    assert "expected a cloud that enforces IAM" in again.err
