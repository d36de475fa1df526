"""How long the platform takes: its synthesis, its first deployment, and one with nothing to do."""

import os
import statistics
import subprocess
import sys
import time

import pytest

from deployed import BIN, ROOT, Platform
from tests.conftest import Shell

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROUNDS = 3
# The stacks of dev in a process of its own, without the CDK CLI, with or without the checks.
ALONE = """
import json, sys
from pathlib import Path
import aws_cdk as cdk
from infra import app as platform
from infra.settings.check import resolved
from infra.settings.load import load
context = json.loads(Path("cdk.json").read_text())["context"]
own = {"outdir": sys.argv[2], "context": context, "builtin_cloud_formation_validation": False}
app = cdk.App(analytics_reporting=False, **own)
platform.add_stacks(app, resolved(load("dev"), {}))
if sys.argv[1] == "checked":
    platform.add_checks(app)
app.synth()
"""


def seconds(work, *words):
    """Return how long something took that must succeed."""
    started = time.perf_counter()
    ended = work(*words)
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr}"
    return time.perf_counter() - started


def test_synthesis(tmp_path):
    """`cdk synth` without network and credentials, beside the same stacks with fewer things around them."""
    offline = Platform(Shell(tmp_path / "home", HTTPS_PROXY="http://localhost:9"), tmp_path)

    def alone(word):
        command = [sys.executable, "-B", "-c", ALONE, word, tmp_path / word]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environ = kept | {"PATH": f"{BIN}{os.pathsep}{kept['PATH']}"}  # the CLI's Node
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)

    taken = {"cdk synth": [], "checked": [], "unchecked": []}
    for _ in range(ROUNDS):
        taken["cdk synth"].append(seconds(offline.cdk, "synth", "-q"))
        for word in ("checked", "unchecked"):
            taken[word].append(seconds(alone, word))
    cli, checked, unchecked = (statistics.median(each) for each in taken.values())
    print(
        f"\ncdk synth -q {cli:.1f} s (goal 20), without the CLI {checked:.1f} s, and without the checks "
        f"{unchecked:.1f} s: ratios {cli / checked:.2f}, {checked / unchecked:.2f}"
    )


def test_deployment(tmp_path):
    """`cdk bootstrap` and `cdk deploy` on a new local cloud, then again with no change, beside `cdk synth`."""
    shell = Shell(tmp_path / "home")
    started = shell("up", "--enforce-iam")
    assert started.code == 0, started.err
    try:
        platform = Platform(shell.pointed_at_the_cloud(), tmp_path)
        deploy = ("deploy", "--all")
        bootstrap, first = seconds(platform.cdk, "bootstrap"), seconds(platform.cdk, *deploy)
        synth, again = [], []
        for _ in range(ROUNDS):
            synth.append(seconds(platform.cdk, "synth", "-q"))
            again.append(seconds(platform.cdk, *deploy))
    finally:
        shell("down", timeout=180)
    alone = statistics.median(synth)
    more = statistics.median(two - one for one, two in zip(synth, again, strict=True))
    print(
        f"\ncdk bootstrap {bootstrap:.1f} s, cdk deploy --all {first:.1f} s, together "
        f"{bootstrap + first:.1f} s (goal 90), {(bootstrap + first) / alone:.1f} times cdk synth "
        f"({alone:.1f} s); deployed again {more:.1f} s above it (goal 5)"
    )
