"""A shell as people have it: a proxy, a profile that is gone, two windows. The cloud does not mind."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import steps
from tests.conftest import Shell

STEP = steps.processing("Look", "import os; print(sorted(os.environ))")
OF_THE_USER = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "intern.example",
    "AWS_PROFILE": "gone",
    "AWS_SESSION_TOKEN": "secret-of-the-user",
}


def test_a_proxy_and_a_profile_of_the_user_are_nothing_to_the_cloud(shell, tmp_path):
    definition = tmp_path / "look.json"
    definition.write_text(json.dumps({"Version": "2020-12-01", "Steps": [STEP]}))
    shell.environ |= OF_THE_USER
    assert shell("up").code == 0
    pointed = shell.pointed_at_the_cloud()
    proxies = {name: value for name, value in OF_THE_USER.items() if "proxy" in name.lower()}
    said = shell("env", "--json").json
    assert said["no_proxy"] == said["NO_PROXY"] == "intern.example,localhost,127.0.0.1"
    pointed.environ |= proxies | {name: said[name] for name in ("no_proxy", "NO_PROXY")}

    ran = pointed("run", definition, "--role", steps.ROLE, "--wait", "--json")
    assert ran.code == 0, ran.err
    log = pointed("logs", f"{ran.json['PipelineExecutionArn']}/Look").out
    assert "AWS_ENDPOINT_URL" in log
    assert "AWS_PROFILE" not in log and "proxy" not in log.lower()
    kept = [path for path in shell.home.rglob("*") if path.is_file()]
    assert kept and not any(b"secret-of-the-user" in path.read_bytes() for path in kept)


def test_two_windows_start_one_cloud(tmp_path):
    shells = [Shell(tmp_path / "home") for _ in range(3)]
    with ThreadPoolExecutor(len(shells)) as windows:
        ups = list(windows.map(lambda shell: shell("up", "--json"), shells))
    try:
        assert [up.code for up in ups] == [0, 0, 0], [up.err for up in ups]
        assert len({up.json["pid"] for up in ups}) == 1
        os.kill(ups[0].json["pid"], 0)
    finally:
        shells[0]("down")
