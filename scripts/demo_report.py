"""What the demo shows at its end: the figures beside their baselines, the reports, what to type next."""

import json
from pathlib import Path
from typing import Any

from slipway.cli.output import say, table

OUTPUTS = {"quality", "report", "metrics"}  # of processing steps, that hold reports
REPORTS = (".json", ".html", ".png")
METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "mcc", "auc")


def fetch(sagemaker: Any, s3: Any, steps: list[dict[str, Any]], folder: Path) -> None:
    """Copy the reports that the processing steps of an execution wrote, a folder for each step."""
    for step in steps:
        arn = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn")
        if not arn or step["StepStatus"] != "Succeeded":
            continue
        job = sagemaker.describe_processing_job(ProcessingJobName=arn.rsplit("/", 1)[-1])
        for one in job["ProcessingOutputConfig"]["Outputs"]:
            if one["OutputName"] in OUTPUTS:
                bucket, _, prefix = one["S3Output"]["S3Uri"].removeprefix("s3://").partition("/")
                copy(s3, bucket, f"{prefix.rstrip('/')}/", folder / step["StepName"])


def copy(s3: Any, bucket: str, prefix: str, folder: Path) -> None:
    """Download the reports directly below a prefix."""
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ()):
        name = entry["Key"].removeprefix(prefix)
        if "/" not in name and name.endswith(REPORTS):
            folder.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, entry["Key"], str(folder / name))


def evaluation(folder: Path) -> dict[str, Any] | None:
    """Return the content of evaluation.json, None where the model was not evaluated."""
    file = folder / "Evaluate" / "evaluation.json"
    content: dict[str, Any] | None = json.loads(file.read_text()) if file.is_file() else None
    return content


def model_package(steps: list[dict[str, Any]]) -> str | None:
    """Return the ARN of the model package that was registered, None where there is none."""
    for step in steps:
        arn: str | None = step.get("Metadata", {}).get("RegisterModel", {}).get("Arn")
        if arn:
            return arn
    return None


def summary(described: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the demo's result as one document."""
    return {
        "Status": described["PipelineExecutionStatus"],
        "PipelineExecutionArn": described["PipelineExecutionArn"],
        "Steps": [
            {
                "Name": step["StepName"],
                "Status": step["StepStatus"],
                "Cached": "CacheHitResult" in step,
                "FailureReason": step.get("FailureReason"),
            }
            for step in described["Steps"]
        ],
        "Evaluation": evaluation(folder),
        "ModelPackageArn": model_package(described["Steps"]),
        "Reports": str(folder),
    }


def draw(described: dict[str, Any], folder: Path) -> None:
    """Print the figures, where the reports lie, and what to type next."""
    found = evaluation(folder)
    if found:
        say(f"\nOn {found['reviews']} reviews that the model has never seen:\n")
        rated = {"BERT": found["metrics"], **found["baselines"]}
        rows = [(name.replace("_", " "), *map(figure, metrics_of(m))) for name, m in rated.items()]
        table(("", *(name.replace("_", " ") for name in METRICS)), rows)
    for report in sorted(folder.glob("*/*.html")) + sorted(folder.glob("*/*.png")):
        say(f"Report:  {short(report)}")


def draw_predictions(names: dict[str, str], predictions: list[dict[str, Any]]) -> None:
    """Print what the model in production says, and what to type next; `names` are the stacks' outputs."""
    endpoint, pipeline = names["ProductionEndpointName"], names["PipelineName"]
    say(f"\nThe endpoint {endpoint} answers:\n")
    rows = [(one["Text"], str(one["predicted_label"]), figure(one["score"])) for one in predictions]
    table(("Review", "Stars", "Score"), rows)
    say("\nLook around in the local cloud:")
    say('  source .venv/bin/activate && eval "$(slipway env)"')
    say(
        f"  slipway models {names['ModelPackageGroupName']}/1        every step of the model, and who took it"
    )
    say(f"  slipway show {pipeline}     slipway logs {pipeline}/Train")
    say(f"  slipway invoke {endpoint} --text …   slipway endpoints   aws s3 ls")
    say("Stop the cloud; nothing is lost:  slipway down")


def short(path: Path) -> str:
    """Return a path as a shell takes it, with ~ for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def metrics_of(metrics: dict[str, Any]) -> list[float | None]:
    """Return the values of METRICS."""
    return [metrics[name]["value"] for name in METRICS]


def figure(value: float | None) -> str:
    """Return a metric with three digits, a dash where it is not defined."""
    return "–" if value is None else f"{value:.3f}"
