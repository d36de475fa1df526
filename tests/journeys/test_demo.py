"""The main job, from a fresh cloud to a registered model, as `make demo` runs it, on little data.

The pipeline runs once; what came out is then looked at through the AWS CLI, and run again.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.images import environment

DEMO = Path(__file__).parents[2] / "scripts" / "demo.py"
# One real step of everything: what is learned does not matter here, that it is carried along does.
SMALL = {
    "Epochs": 1,
    "TrainStepsPerEpoch": 2,
    "ValidationSteps": 1,
    "MaxSeqLength": 16,
    "FreezeBertLayer": "True",
    "AccuracyThreshold": 0.0,
}
STEPS = [
    "CheckQuality",
    "PrepareFeatures",
    "Train",
    "Evaluate",
    "AccuracyCondition",
    "RegisterModel",
]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def demo(shell, *words, **parameters):
    given = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
    return subprocess.run(
        [sys.executable, DEMO, "--rows", "1200", *words, *given],
        env=shell.environ,
        capture_output=True,
        text=True,
        timeout=840,
    )


def aws(shell, *words):
    command = [Path(sys.executable).parent / "aws", *words]
    done = subprocess.run(command, env=shell.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def result(cloud):
    if not (environment.cache() / "assets" / "weights").is_dir():
        pytest.skip("the assets are not set up")
    first = demo(cloud, "--json", **SMALL)
    assert first.returncode == 0, first.stderr
    (line,) = first.stdout.splitlines()
    return json.loads(line)


def test_reviews_go_in_and_a_registered_model_comes_out(cloud, result):
    assert [(step["Name"], step["Status"]) for step in result["Steps"]] == [
        (name, "Succeeded") for name in STEPS
    ]
    assert result["Evaluation"]["metrics"]["accuracy"]["value"] >= 0
    assert result["Evaluation"]["baselines"]["majority"]["balanced_accuracy"]["value"] == 0.2
    reports = {file.name for file in Path(result["Reports"]).glob("*/*")}
    assert {"quality.html", "evaluation.json", "confusion_matrix.png"} <= reports

    (model,) = cloud("models", "--json").json
    assert model["ModelPackageArn"] == result["ModelPackageArn"]
    assert model["ModelApprovalStatus"] == "PendingManualApproval"
    accuracy = result["Evaluation"]["metrics"]["accuracy"]["value"]
    assert model["Metrics"]["accuracy"] == accuracy
    assert f"accuracy {accuracy:.4g}" in cloud("models").out


def test_the_package_leads_to_the_model_and_its_evidence(cloud, result):
    words = ("describe-model-package", "--model-package-name", result["ModelPackageArn"])
    described = json.loads(aws(cloud, "sagemaker", *words))
    (container,) = described["InferenceSpecification"]["Containers"]
    assert "model.tar.gz" in aws(cloud, "s3", "ls", container["ModelDataUrl"])
    metrics = described["ModelMetrics"]
    figures = aws(cloud, "s3", "cp", metrics["ModelQuality"]["Statistics"]["S3Uri"], "-")
    assert json.loads(figures)["metrics"] == result["Evaluation"]["metrics"]
    quality = aws(cloud, "s3", "cp", metrics["ModelDataQuality"]["Statistics"]["S3Uri"], "-")
    assert json.loads(quality)["check"]["status"] == "Success"
    assert described["CustomerMetadataProperties"]["DeployInstanceCount"] == "1"


def test_running_it_again_pays_for_nothing(cloud, result):
    again = demo(cloud, **SMALL)
    assert again.returncode == 0, again.stderr
    for job in STEPS[:4]:
        assert f"{job}  succeeded" in again.stderr
        assert f"{job}  executing" not in again.stderr
    assert again.stdout.count("cached from") == 4
    assert "majority" in again.stdout and "waiting for approval" in again.stdout


def test_a_model_that_is_not_accurate_enough_is_not_registered(cloud, result):
    strict = demo(cloud, "--json", **SMALL | {"AccuracyThreshold": 0.99})
    assert strict.returncode == 1
    steps = {step["Name"]: step for step in json.loads(strict.stdout)["Steps"]}
    assert "RegisterModel" not in steps
    assert "the threshold (AccuracyThreshold) is 0.99" in steps["AccuracyTooLow"]["FailureReason"]


def test_a_folder_without_reviews_is_refused_in_one_line(cloud, tmp_path):
    ended = demo(cloud, "--data", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1].startswith("demo: DATA: expected a folder with review")
