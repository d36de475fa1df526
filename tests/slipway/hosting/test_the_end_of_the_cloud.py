"""When the process that holds instances is killed, nothing of them is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HOLDER = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from hosting import OURS, Bed, container
from slipway.jobs import probe
bed = Bed(Path(sys.argv[1]), probe.find(Path(sys.argv[1]) / "probe"))
every = [bed.start(container("one", OURS), container("two", OURS)), bed.start()]
assert [each.wait(20) for each in every] == ["InService"] * 2
print("up", flush=True)
time.sleep(60)
"""


def servers(mark):
    """Return the processes with a word in their environment or their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in told:
            found.append(int(path.name))
    return found


def test_no_process_survives_a_kill_of_the_cloud(tmp_path):
    support = str(Path(__file__).parents[2] / "support")
    words = [sys.executable, "-c", HOLDER, str(tmp_path), support]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "up\n"
        mark = str(tmp_path / "run")
        assert len(servers(mark)) >= 3
        os.kill(holder.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while left := servers(mark):
        assert time.monotonic() < end, left
        time.sleep(0.05)
