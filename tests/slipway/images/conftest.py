"""The serving images as real processes, each in a Python environment of its own."""

import http.client
import io
import os
import signal
import socket
import subprocess
import time
import zipfile
from dataclasses import dataclass

import pytest

from slipway.images import environment
from slipway.images.family import COMMANDS
from slipway.jobs import own_python

STARTS_WITHIN = 60  # seconds


@dataclass(frozen=True)
class Answer:
    """What a server says."""

    status: int
    headers: dict[str, str]
    body: bytes


class Serving:
    """A server of an image, started as the platform starts it."""

    def __init__(self, folder, family, variables):
        self.ml, self.log = folder / "ml", folder / "log"
        own_python.make(environment.prefix(family), folder / "python")
        environ = {
            "PATH": f"{folder / 'python' / 'bin'}:{os.defpath}",
            "HOME": str(folder),
            "SAGEMAKER_BASE_DIR": str(self.ml),
            "SAGEMAKER_BIND_TO_PORT": str(free_port()),
            "PIP_NO_INDEX": "1",
            **{name: said.replace("/opt/ml", str(self.ml)) for name, said in variables.items()},
        }
        self.port = int(environ["SAGEMAKER_BIND_TO_PORT"])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(COMMANDS / family / "serve")], env=environ, stdout=log, stderr=log
            )

    def wait(self):
        """Wait until it is healthy, or has ended."""
        deadline = time.monotonic() + STARTS_WITHIN
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self("GET", "/ping").status == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def __call__(self, method, path, body=b"", timeout=30, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        try:
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def invoke(self, body, kind="application/json", **headers):
        """Ask the model."""
        body = body.encode() if isinstance(body, str) else body
        return self("POST", "/invocations", body, Content_Type=kind, **headers)

    def stop(self):
        """Stop it as the platform does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """Start servers: serving(family, files below /opt/ml, **variables)."""
    started = []

    def start(family, files=(), **variables):
        if not environment.built(family):
            pytest.skip(f"needs its environment: `slipway image build {family}`")
        folder = tmp_path_factory.mktemp(family)
        (folder / "ml" / "model").mkdir(parents=True)
        for name, content in dict(files).items():
            path = folder / "ml" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
        started.append(Serving(folder, family, variables))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="session")
def in_image():
    """Run Python code in the environment of a family."""

    def run(family, code):
        if not environment.built(family):
            pytest.skip(f"needs its environment: `slipway image build {family}`")
        python = environment.prefix(family) / "bin" / "python"
        subprocess.run([python, "-W", "ignore", "-c", code], check=True)

    return run


@pytest.fixture
def wheel():
    """Return what a wheel of one module holds: wheel(name, source)."""

    def make(name, source):
        found = io.BytesIO()
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(found, "w") as archive:
            archive.writestr(f"{name}.py", source)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return found.getvalue()

    return make
