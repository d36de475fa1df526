"""Processes of the TensorFlow image with what our source bundle adds to it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
ENTRY_POINTS = ROOT / "src" / "reviews" / "entry_points"
ASSETS = environment.cache() / "assets"
TESTS = ROOT / "tests" / "reviews"


class Image:
    """Processes of the TensorFlow image, set up as the source bundle sets up a job."""

    def __init__(self, folder):
        self.python = environment.prefix("tensorflow") / "bin" / "python"
        self.folder = folder
        self._worker = None
        bundle = folder / "bundle"
        shutil.copytree(ENTRY_POINTS, bundle)
        shutil.copy(ROOT / "pipelines" / "assets" / "training-wheels.txt", bundle / "wheels.txt")
        (bundle / "wheels").symlink_to(ASSETS / "training-wheels")
        (bundle / "reviews").symlink_to(ROOT / "src" / "reviews")
        self.bundle, self.site = bundle, folder / "site"
        self.install("requirements.txt", self.site)

    def install(self, requirements, target):
        """Install as a job does: pip runs in the source directory, and there is no network."""
        command = [self.python, "-m", "pip", "install", "-q", "--target", target]
        environ = {"PIP_NO_DEPS": "1", "PATH": os.environ["PATH"]}
        subprocess.run([*command, "-r", requirements], cwd=self.bundle, env=environ, check=True)

    def start(self, *command, **options):
        environ = {"PYTHONPATH": f"{self.bundle}:{self.site}", "PATH": os.environ["PATH"]}
        return subprocess.Popen(
            [str(word) for word in (self.python, *command)], env=environ, text=True, **options
        )

    def run(self, script, *words):
        """Run an entry script to its end."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = self.start(self.bundle / script, *words, **pipes)
        out, err = process.communicate(timeout=200)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def call(self, function, *arguments):
        """Call a function `file.name` of `in_image/` in a process of the image that lives on."""
        if self._worker is None:
            self._log = (self.folder / "worker.log").open("w")
            self._worker = self.start(
                TESTS / "image_worker.py",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        file, name = function.split(".")
        request = {
            "file": str(TESTS / "in_image" / f"{file}.py"),
            "function": name,
            "arguments": arguments,
        }
        self._worker.stdin.write(json.dumps(request, default=str) + "\n")
        self._worker.stdin.flush()
        line = self._worker.stdout.readline()
        assert line, Path(self._log.name).read_text()[-2000:]
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def close(self):
        if self._worker is not None:
            self._worker.stdin.close()
            self._worker.wait(30)
            self._log.close()
