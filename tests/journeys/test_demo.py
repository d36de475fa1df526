"""The main job, from a fresh cloud to a registered model, as `make demo` runs it, on little data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def demo(shell, *words):
    ended = subprocess.run(
        [sys.executable, DEMO, "--rows", "1200", *words],
        env=shell.environ,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return ended


def small():
    return [word for name, value in SMALL.items() for word in ("-p", f"{name}={value}")]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_reviews_go_in_and_a_registered_model_comes_out_and_again_from_the_cache(cloud):
    first = demo(cloud, "--json", *small())
    assert first.returncode == 0, first.stderr
    (line,) = first.stdout.splitlines()
    result = json.loads(line)
    assert [step["Name"] for step in result["Steps"]] == STEPS
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

    again = demo(cloud, *small())
    assert again.returncode == 0, again.stderr
    for job in STEPS[:4]:
        assert f"{job}  succeeded" in again.stderr
        assert f"{job}  executing" not in again.stderr
    assert again.stdout.count("cached from") == 4
    assert "majority" in again.stdout and "waiting for approval" in again.stdout


def test_a_folder_without_reviews_is_refused_in_one_line(cloud, tmp_path):
    ended = demo(cloud, "--data", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-1].startswith("demo: DATA: expected a folder with review")
