"""The command line in the tests' own process, and clients of the cloud that it talks to."""

import contextlib
import io
import os
import sys

import boto3
import pytest

from slipway.cli.main import main
from tests.conftest import Ended


@pytest.fixture(scope="module")
def aws(cloud):
    """Return boto3 clients of the cloud by name."""
    names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "region_name": "AWS_DEFAULT_REGION"}
    names |= {"aws_secret_access_key": "AWS_SECRET_ACCESS_KEY", "endpoint_url": "AWS_ENDPOINT_URL"}
    options = {key: cloud.environ[name] for key, name in names.items()}
    return lambda service: boto3.client(service, **options)


@pytest.fixture(scope="module")
def slipway(cloud):
    """Run `slipway` in this process, which has loaded boto3 already, pointed at the cloud."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in cloud.environ.items():
        if name.startswith(("AWS_", "SLIPWAY_")):
            patch.setenv(name, value)

    def run(*words):
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as call,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            call.setattr(sys, "argv", ["slipway", *map(str, words)])
            main()
        return Ended(int(ended.value.code), out.getvalue(), err.getvalue())

    yield run
    patch.undo()
