"""The `slipway` command as a real process, and a real local cloud for it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("slipway", deadline=None)  # a busy machine is no failure
settings.load_profile("slipway")

SLIPWAY = Path(sys.executable).parent / "slipway"


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        (line,) = self.out.splitlines()  # exactly one document, on one line
        return json.loads(line)


class Shell:
    """Runs `slipway` with a home of its own and no AWS settings but those it is given."""

    def __init__(self, home, **environ):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLIPWAY_"))}
        own = {"SLIPWAY_HOME": str(home), "SLIPWAY_PORT": "0", "AWS_EC2_METADATA_DISABLED": "true"}
        self.home = Path(home)
        self.environ = kept | own | {"AWS_CONFIG_FILE": os.devnull} | environ
        self.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        if cache := os.environ.get("SLIPWAY_CACHE"):
            self.environ["SLIPWAY_CACHE"] = cache

    def __call__(self, *words, cwd=None, timeout=120):
        ended = subprocess.run(
            [SLIPWAY, *map(str, words)],
            env=self.environ,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def pointed_at_the_cloud(self):
        """Return a shell in which `eval "$(slipway env)"` was done, by a real shell."""
        script = 'eval "$("$0" env)" && env -0'
        found = subprocess.run(
            ["/bin/sh", "-c", script, str(SLIPWAY)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        pairs = (line.partition("=") for line in found.stdout.split("\0") if line)
        environ = {name: value for name, _, value in pairs}
        return Shell(
            self.home, **{k: v for k, v in environ.items() if k.startswith(("AWS_", "CDK_"))}
        )


@pytest.fixture
def shell(tmp_path):
    """A shell of its own whose cloud, if it was started, is stopped at the end."""
    shell = Shell(tmp_path / "home")
    yield shell
    if (shell.home / "endpoint").exists():
        shell("down")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A shell that points at a running local cloud."""
    shell = Shell(tmp_path_factory.mktemp("cloud") / "home")
    started = shell("up")
    assert started.code == 0, started.err
    yield shell.pointed_at_the_cloud()
    shell("down")
