"""What `make demo` refuses before it does anything; the journey that it shows is in test_platform.py."""

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[2] / "scripts" / "demo.py"


def test_a_folder_without_reviews_is_refused_in_one_line(shell, tmp_path):
    ended = subprocess.run(
        [sys.executable, DEMO, "--data", tmp_path],
        env=shell.environ,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("demo: DATA: expected a folder with review")
    assert not (shell.home / "endpoint").exists()
