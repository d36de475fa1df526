"""From review files to a registered model: the whole pipeline, through the API, with nothing made up."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "reviews-journey"
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}
SMALL = {
    "MinimumReviewCount": 1000,
    "MaxSeqLength": 32,
    "Epochs": 1,
    "TrainBatchSize": 32,
    "ValidationBatchSize": 32,
    "TrainStepsPerEpoch": 4,
    "ValidationSteps": 2,
    "AccuracyThreshold": 0.01,
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class Journey:
    """A cloud with a role and a bucket, and the sample reviews in it."""

    def __init__(self, cloud, folder):
        self.cloud = cloud
        script = ROOT / "scripts" / "generate_reviews.py"
        subprocess.run([sys.executable, script, folder, "--rows", "3000"], check=True)
        service = {"Principal": {"Service": "sagemaker.amazonaws.com"}}
        trust = {"Version": "2012-10-17", "Statement": [TRUST | service]}
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        made = self.aws("iam", "create-role", "--role-name", "journey", document=trust)
        self.role = made["Role"]["Arn"]
        words = ("--role-name", "journey", "--policy-name", "all")
        self.aws("iam", "put-role-policy", *words, document=policy)
        self.aws("s3", "mb", f"s3://{BUCKET}")
        self.aws("s3", "cp", "--recursive", folder, f"s3://{BUCKET}/reviews/tsv/")

    def aws(self, *words, document=None):
        command = [Path(sys.executable).parent / "aws", *words]
        if document is not None:
            option = "--policy-document" if "put-role-policy" in words else None
            command += [option or "--assume-role-policy-document", json.dumps(document)]
        done = subprocess.run(command, env=self.cloud.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def run(self, pipeline, **changed):
        """Run a pipeline to its end; return the exit code and what the command says of it."""
        pairs = [f"{name}={value}" for name, value in (SMALL | changed).items()]
        options = [word for pair in pairs for word in ("-p", pair)]
        where = ("--role", self.role, "--bucket", BUCKET, "--wait", "--json")
        ended = self.cloud("run", pipeline, *where, *options, timeout=840)
        return ended.code, ended.json

    def read(self, uri):
        """Return a JSON document in S3."""
        return self.aws("s3", "cp", uri, "-")


@pytest.fixture(scope="module")
def journey(cloud, tmp_path_factory):
    if not (environment.cache() / "assets" / "weights").is_dir():
        pytest.skip("the assets are not set up")
    return Journey(cloud, tmp_path_factory.mktemp("reviews"))


@pytest.fixture(scope="module")
def first(journey):
    code, said = journey.run(ROOT / "pipelines" / "reviews_training.py")
    assert code == 0, said
    return said


def test_review_files_become_a_registered_model(journey, first):
    assert [(step["StepName"], step["StepStatus"]) for step in first["Steps"]] == [
        ("CheckQuality", "Succeeded"),
        ("PrepareFeatures", "Succeeded"),
        ("Train", "Succeeded"),
        ("Evaluate", "Succeeded"),
        ("AccuracyCondition", "Succeeded"),
        ("RegisterModel", "Succeeded"),
    ]
    listed = journey.aws(
        "sagemaker", "list-model-packages", "--model-package-group-name", "reviews-bert"
    )
    (package,) = listed["ModelPackageSummaryList"]
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    described = journey.aws(
        "sagemaker", "describe-model-package", "--model-package-name", package["ModelPackageArn"]
    )
    (container,) = described["InferenceSpecification"]["Containers"]
    assert "model.tar.gz" in journey.aws("s3", "ls", container["ModelDataUrl"])
    figures = journey.read(described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"])
    assert 0.01 <= figures["metrics"]["accuracy"]["value"] <= 1
    quality = journey.read(described["ModelMetrics"]["ModelDataQuality"]["Statistics"]["S3Uri"])
    assert quality["check"]["status"] == "Success"
    assert described["CustomerMetadataProperties"]["DeployInstanceCount"] == "1"


def test_running_it_again_pays_for_nothing(journey, first):
    code, said = journey.run("reviews-training")
    assert code == 0, said
    found = [step["StepName"] for step in said["Steps"] if "CacheHitResult" in step]
    assert found == ["CheckQuality", "PrepareFeatures", "Train", "Evaluate"]


def test_a_model_that_is_not_accurate_enough_is_not_registered(journey, first):
    code, said = journey.run("reviews-training", AccuracyThreshold=0.99)
    assert code == 1
    steps = {step["StepName"]: step for step in said["Steps"]}
    assert "RegisterModel" not in steps
    assert "the threshold (AccuracyThreshold) is 0.99" in steps["AccuracyTooLow"]["FailureReason"]
