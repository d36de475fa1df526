"""What a job costs beside running the same script by hand."""

import io
import statistics
import subprocess
import threading
import time

import pytest

from slipway.cloud.sagemaker import service
from slipway.images import environment
from tests.slipway.cloud.conftest import local  # noqa: F401

pytestmark = pytest.mark.bench

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
ROUNDS = 15
SCRIPT = "import json, time; print(json.dumps({'now': time.time()}))"


@pytest.fixture
def jobs(local):  # noqa: F811
    """Run a job of one script; return when it was asked for, began, ended, and was known to be over."""
    s3, sm = local.client("s3"), local.client("sagemaker")
    s3.create_bucket(Bucket="bench")
    s3.upload_fileobj(io.BytesIO(SCRIPT.encode()), "bench", "code/script.py")
    over = {}

    def seen(event):
        if event.detail.get("ProcessingJobStatus") == "Completed":
            over[event.detail["ProcessingJobName"]].set()

    local.cloud.events.subscribe(seen)

    def run(name: str) -> tuple[float, float]:
        over[name] = threading.Event()
        asked = time.time()
        sm.create_processing_job(
            ProcessingJobName=name,
            RoleArn=ROLE,
            AppSpecification={
                "ImageUri": "sagemaker-scikit-learn:1.2-1",
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/script.py"],
            },
            ProcessingInputs=[
                {
                    "InputName": "code",
                    "S3Input": {
                        "S3Uri": "s3://bench/code/",
                        "LocalPath": "/opt/ml/processing/input/code",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
            ],
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 1,
                }
            },
        )
        assert over[name].wait(60)
        return asked, time.time()

    yield run
    service.stop(local.cloud)


def test_the_overhead_of_a_job(jobs, tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    python = environment.prefix("sklearn") / "bin" / "python"
    jobs("warm")
    by_hand, as_job = [], []
    for number in range(ROUNDS):
        start = time.time()
        subprocess.run([python, script], check=True, capture_output=True)
        by_hand.append(time.time() - start)
        asked, ended = jobs(f"round-{number}")
        as_job.append(ended - asked)
    hand, job = statistics.median(by_hand), statistics.median(as_job)
    with capsys.disabled():
        print(
            f"\na script by hand {hand * 1000:.0f} ms, as a job {job * 1000:.0f} ms: "
            f"overhead {1000 * (job - hand):.0f} ms (goal: well under 150)"
        )
