"""How long the command line keeps a person waiting."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLIPWAY = Path(sys.executable).parent / "slipway"
pytestmark = pytest.mark.bench


def seconds(command, environ=None):
    started = time.perf_counter()
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return time.perf_counter() - started


def test_help():
    """`slipway --help` against a Python that does nothing; expected ≤ 0.3 s."""
    helped = [seconds([SLIPWAY, "--help"]) for _ in range(10)]
    bare = [seconds([sys.executable, "-c", "pass"]) for _ in range(10)]
    ours, python = statistics.median(helped), statistics.median(bare)
    print(f"\nslipway --help {ours:.3f} s, bare Python {python:.3f} s, ratio {ours / python:.1f}")
    assert ours <= 0.3


def test_up_until_it_answers(tmp_path):
    """`slipway up` on an empty folder and on one that exists; expected ≤ 1.5 s."""
    taken = []
    for turn in range(6):
        home = tmp_path / str(turn // 2)  # each folder new once, and once already there
        environ = os.environ | {"SLIPWAY_HOME": str(home), "SLIPWAY_PORT": "0"}
        taken.append(seconds([SLIPWAY, "up"], environ))
        down = seconds([SLIPWAY, "down"], environ)
    new, old = statistics.median(taken[::2]), statistics.median(taken[1::2])
    print(f"\nslipway up: new folder {new:.2f} s, known folder {old:.2f} s; down {down:.2f} s")
    assert max(new, old) <= 1.5
