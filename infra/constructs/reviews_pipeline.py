"""The reviews pipeline as a resource: its definition, and its files unpacked where its jobs find them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from infra.settings.model import Settings

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"  # whose images are named where the settings leave the region open
# What only the deployment knows, in the form that the SDK checks; replaced in the finished definition.
PLACEHOLDERS = {
    "bucket": "slipway-synth-artifacts",
    "features": "slipway-synth-features",
    "raw": "slipway-synth-raw",
    "key": "arn:aws:kms:us-east-1:000000000000:key/slipway-synth",
    "processing": "arn:aws:iam::000000000000:role/slipway-synth-processing",
    "training": "arn:aws:iam::000000000000:role/slipway-synth-training",
    "serving": "arn:aws:iam::000000000000:role/slipway-synth-serving",
    "security_group": "sg-00000000000000000",
}


def subnet(number: int) -> str:
    """Return the placeholder of a subnet."""
    return f"subnet-{number:017d}"


@dataclass(frozen=True)
class Built:
    """A pipeline as it was built: with placeholders, and folders of files by their keys in the bucket."""

    definition: str
    folders: Mapping[str, str] = field(default_factory=dict)  # "code", "weights" → path

    def with_values(self, values: Mapping[str, str]) -> str:
        """Return the definition with values in place of all placeholders."""
        found = self.definition
        for placeholder, value in values.items():
            found = found.replace(placeholder, value)
        return found


def request_of(settings: Settings) -> str:
    """Return the request of a build, as JSON."""
    security = {
        "subnets": [subnet(n) for n in range(settings.network.availability_zones)],
        "security_groups": [PLACEHOLDERS["security_group"]],
        "key": PLACEHOLDERS["key"],
        "encrypt_traffic": True,
        "tags": settings.tags,
    }
    return json.dumps(
        {
            "region": settings.region or REGION,
            "bucket": PLACEHOLDERS["bucket"],
            "features": PLACEHOLDERS["features"],
            "input_data": f"s3://{PLACEHOLDERS['raw']}/{settings.lake.raw_prefix}",
            "group": settings.ml.group_name,
            "roles": {kind: PLACEHOLDERS[kind] for kind in ("processing", "training", "serving")},
            "security": security,
        },
        sort_keys=True,
    )


@cache
def begin(request: str) -> subprocess.Popen[str]:
    """Begin a build, to go on while the stacks are made."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "infra.constructs.reviews_build"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.write(request)
    process.stdin.close()
    process.stdin = None
    return process


@cache
def built(request: str) -> Built:
    """Return what was built; RuntimeError with the build's own words when it failed."""
    process = begin(request)
    said, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"pipelines/reviews_training.py could not be built:\n{errors}")
    answer: dict[str, Any] = json.loads(said)
    return Built(answer["definition"], answer["folders"])
