"""up, down, status, env."""

import os
import urllib.request

import pytest


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
    with pytest.raises(ProcessLookupError):
        os.kill(up.json["pid"], 0)
    assert shell("status").code == 1
    assert shell("down", "--json").json["stopped"] is False


def test_env_is_safe_to_evaluate(cloud):
    endpoint = cloud("status", "--json").json["endpoint"]
    assert cloud.environ["AWS_ENDPOINT_URL"] == endpoint
    assert cloud.environ["AWS_REGION"] == "us-east-1"
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
