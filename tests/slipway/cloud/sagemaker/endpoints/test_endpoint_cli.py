"""Endpoints by the AWS CLI, unmodified."""

import json
import subprocess
import sys
from pathlib import Path

from endpoints import Endpoints, variant

AWS = Path(sys.executable).with_name("aws")


def test_the_aws_cli_creates_waits_and_invokes(cloud, tmp_path):
    endpoints = Endpoints(cloud)

    def aws(*words):
        words = [str(AWS), *map(str, words)]
        done = subprocess.run(words, env=cloud.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    endpoints.config("cli", variant(endpoints.model("cli", TAG="cli-")))
    name = ("--endpoint-name", "cli")
    aws("sagemaker", "create-endpoint", *name, "--endpoint-config-name", "cli")
    endpoints.settled("cli")  # the waiter looks every 30 s
    aws("sagemaker", "wait", "endpoint-in-service", *name)
    out = tmp_path / "out"
    said = aws("sagemaker-runtime", "invoke-endpoint", *name, "--body", "aGVsbG8=", out)
    assert json.loads(said)["InvokedProductionVariant"] == "AllTraffic"
    assert out.read_text() == "cli-echo"
