"""Environments on first use: made once, never half, and a failure says what to do."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from slipway.images import build, environment

UV = """#!/bin/sh
echo "$1" >> {folder}/calls
if [ "$1" = venv ]; then
  for target; do :; done
  mkdir -p "$target"; touch "$target/begun"; sleep {pause}; touch "$target/late"
fi
{then}
"""
KILLED = """
import sys
from pathlib import Path
from slipway.images import build, environment
environment.lock = lambda family: Path({lock!r})
build.uv = lambda: Path({uv!r})
build.ensure("mine")
"""


@pytest.fixture
def uv(monkeypatch, tmp_path):
    """Let a script stand for uv: uv(pause, then)."""
    lock = tmp_path / "requirements.txt"
    lock.touch()
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(environment, "lock", lambda family: lock)

    def stand(pause=0.0, then="", name="uv"):
        script = tmp_path / name
        script.write_text(UV.format(folder=tmp_path, pause=pause, then=then))
        script.chmod(0o755)
        monkeypatch.setattr(build, "uv", lambda: script)
        return script

    stand()
    return stand


def calls(folder):
    return (folder / "calls").read_text().split()


def test_an_environment_is_made_once_for_all_who_want_it_at_once(uv, tmp_path):
    uv(pause=0.2)
    assert build.state("mine") == ("not built", "")
    wanting = [threading.Thread(target=build.ensure, args=("mine",)) for _ in range(4)]
    for each in wanting:
        each.start()
    while not (environment.prefix("mine") / "begun").exists():
        time.sleep(0.01)
    assert build.state("mine") == ("building", "")
    for each in wanting:
        each.join()
    assert calls(tmp_path) == ["venv", "pip"]
    assert build.state("mine") == ("built", "") and environment.built("mine")


def test_a_failure_says_why_and_what_to_run_and_the_next_who_wants_it_tries_again(uv):
    uv(then='echo "error: dns error: no such host" >&2; exit 2')
    with pytest.raises(build.BuildFailed) as failed:
        build.ensure("mine")
    assert "dns error: no such host" in str(failed.value)
    assert "`slipway image build mine`" in str(failed.value)
    assert build.state("mine") == ("failed", str(failed.value))
    assert not environment.prefix("mine").exists()
    uv()
    build.ensure("mine")
    assert build.state("mine") == ("built", "")


def test_what_a_killed_process_left_half_made_is_made_anew_after_its_uv_has_ended(uv, tmp_path):
    slow = uv(pause=1.0, name="slow")
    words = KILLED.format(lock=str(environment.lock("mine")), uv=str(slow))
    killed = subprocess.Popen([sys.executable, "-c", words])
    target = environment.prefix("mine")
    while not (target / "begun").exists():
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert not environment.built("mine") and build.state("mine")[0] == "building"
    uv(then=f"touch {target}/whole")
    build.ensure("mine")
    assert calls(tmp_path) == ["venv", "venv", "pip"]
    assert environment.built("mine") and (target / "whole").exists()


def test_another_lock_is_another_environment(uv):
    build.ensure("mine")
    first = environment.prefix("mine")
    Path(environment.lock("mine")).write_text("six==1.17.0")
    assert environment.prefix("mine") != first and not environment.built("mine")


def test_without_uv_the_reason_says_where_it_was_looked_for(uv, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(sys, "prefix", "/nowhere")
    with pytest.raises(FileNotFoundError, match="run `make setup`"):
        build.uv()
