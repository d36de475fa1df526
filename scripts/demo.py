"""Show the platform's journey on this machine: files land, a pipeline runs, people approve, a model serves.

make demo [DATA=<folder of review files>] [DEMO_FLAGS="--json --rows 20000"]
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import boto3
import demo_platform
import demo_report
from demo_platform import acting_as, client, slipway, timed, wait_for

from slipway.cli import env, executions, local, output, platform
from slipway.cli.errors import ExitCode, Refused, explain
from slipway.cli.follow import follow
from slipway.cli.local import Running
from slipway.cli.output import note
from slipway.cli.references import Execution, parse_arn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = "dev"
REVIEWS = (".tsv", ".tsv.gz", ".parquet")
ROWS = 6_000
DEPLOYED_WITHIN = 600.0  # seconds in which an approved model serves
TEXTS = ("Loved every minute of it", "Broke after a day, and nobody answers")


def main() -> int:
    """Run the demo: 0 when a model serves, 1 when something was refused or failed, 2 for a bug."""
    options = parse()
    started = time.monotonic()
    try:
        result = demo(options.data, options.rows, options.json)
    except Exception as error:
        line = explain(error)
        if line is None or options.verbose:
            traceback.print_exception(error)
        if line is None:
            return ExitCode.BUG
        print(f"demo: {line}", file=sys.stderr)
        return ExitCode.REFUSED
    seconds = round(time.monotonic() - started, 1)
    if options.json:
        output.emit({**result, "Seconds": seconds})
    else:
        output.say(f"\nThe demo took {output.duration(seconds)}.")
    return ExitCode.DONE if result["Status"] == "Succeeded" else ExitCode.REFUSED


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of review files (default: a sample)")
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="of the sample (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument("--verbose", action="store_true", help="show the trace of an error")
    return parser.parse_args()


def demo(data: Path | None, rows: int, json: bool) -> dict[str, Any]:
    """Deploy the platform and send review files on their way; return what came of them."""
    files = review_files(data) if data else None  # what is wrong with them is said first
    home = local.state_folder()
    cloud = local.running(home) or local.start(home, local.chosen_port())
    note(f"the local cloud answers at {cloud.endpoint}")
    os.environ.pop("AWS_PROFILE", None)
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.update(env.variables(cloud))
    with timed("the platform is deployed"):
        platform.deploy(cloud, ENVIRONMENT)
    names = demo_platform.outputs(ENVIRONMENT)
    execution = landed(cloud, names, files, rows)
    sagemaker = boto3.client("sagemaker")
    follow(sagemaker, execution)
    described = executions.describe(sagemaker, execution)
    folder = home / "reports" / execution.id
    demo_report.fetch(sagemaker, boto3.client("s3"), described["Steps"], folder)
    if not json:
        executions.draw(execution, described)
        demo_report.draw(described, folder)
    result: dict[str, Any] = demo_report.summary(described, folder)
    if package := result["ModelPackageArn"]:
        result["Predictions"] = approved(cloud, names, package)
        if not json:
            demo_report.draw_predictions(names, result["Predictions"])
    return result


def landed(cloud: Running, names: dict[str, str], files: list[Path] | None, rows: int) -> Execution:
    """Copy review files into the raw bucket as their producer; return the execution that they start."""
    sagemaker = boto3.client("sagemaker")
    before = latest(sagemaker, names["PipelineName"])
    producer = client(acting_as(cloud, names["ProducerRoleArn"], "shop"), "s3")
    bucket, prefix = names["RawBucketName"], names["RawPrefix"]
    if files is None:
        with tempfile.TemporaryDirectory(prefix="slipway-demo-") as scratch:
            where = put(producer, bucket, prefix, sample(Path(scratch), rows))
    else:
        where = put(producer, bucket, prefix, files)
    note(f"reviews are in {where}; the pipeline starts when {window(names)} s bring no more")

    def started() -> str | None:
        newest = latest(sagemaker, names["PipelineName"])
        return newest if newest != before else None

    within = float(window(names)) + 120
    execution = parse_arn(wait_for("an execution of the pipeline", started, within))
    note(f"{execution.short} has started by itself")
    return execution


def window(names: dict[str, str]) -> str:
    """Return the seconds without a new file after which the pipeline starts."""
    return names["DebounceWindowSeconds"]


def latest(sagemaker: Any, pipeline: str) -> str | None:
    """Return the ARN of a pipeline's newest execution, if it has one."""
    found = sagemaker.list_pipeline_executions(
        PipelineName=pipeline, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["PipelineExecutionSummaries"]
    return found[0]["PipelineExecutionArn"] if found else None


def approved(cloud: Running, names: dict[str, str], package: str) -> list[dict[str, Any]]:
    """Approve a package as two people, and ask the model in production."""
    sagemaker = boto3.client("sagemaker")
    ana, ben = (acting_as(cloud, names["OpsRoleArn"], name) for name in ("ana", "ben"))

    def described() -> dict[str, Any]:
        found: dict[str, Any] = sagemaker.describe_model_package(ModelPackageName=package)
        return found

    def waits_for_production() -> bool | None:
        found = described()
        if found["ModelApprovalStatus"] == "Rejected":
            raise Refused(f"{package} failed in staging: see `slipway models`")
        cycle = found.get("ModelLifeCycle") or {}
        return True if cycle.get("StageStatus") == "PendingApproval" else None

    def serves() -> bool | None:
        try:
            found = sagemaker.describe_endpoint(EndpointName=names["ProductionEndpointName"])
        except sagemaker.exceptions.ClientError:
            return None
        if found["EndpointStatus"] == "Failed":
            raise Refused(f"production failed: {found['FailureReason']}")
        busy = found["EndpointStatus"] != "InService"
        return None if busy or package not in serving(sagemaker, found) else True

    if described()["ModelApprovalStatus"] != "Approved":
        slipway(ana, "approve", package, "--comment", "better than the baselines")
    with timed("it is tested in staging"):
        wait_for("a passed test in staging", waits_for_production, DEPLOYED_WITHIN)
    slipway(ben, "approve", package, "--stage", "production", "--comment", "the tests are good")
    with timed("it serves in production"):
        wait_for("the model in production", serves, DEPLOYED_WITHIN)
    runtime = boto3.client("sagemaker-runtime")
    found = []
    for text in TEXTS:
        answer = runtime.invoke_endpoint(
            EndpointName=names["ProductionEndpointName"],
            ContentType="application/jsonlines",
            Body=json.dumps({"features": [text]}),
        )
        found.append({"Text": text, **json.loads(answer["Body"].read())})
    return found


def serving(sagemaker: Any, endpoint: dict[str, Any]) -> list[str]:
    """Return the model packages that an endpoint's configuration serves."""
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    found = []
    for variant in config["ProductionVariants"]:
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
        for container in (model.get("PrimaryContainer", {}), *model.get("Containers", ())):
            found.append(container.get("ModelPackageName", ""))
    return found


def sample(folder: Path, rows: int) -> list[Path]:
    """Make sample reviews in a folder; return their files."""
    note(f"making {rows} sample reviews")
    script = ROOT / "scripts" / "generate_reviews.py"
    command = [sys.executable, str(script), str(folder), "--rows", str(rows)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return review_files(folder)


def review_files(folder: Path) -> list[Path]:
    """Return the review files of a folder; Refused where there is none."""
    files = sorted(file for file in folder.glob("*") if file.name.endswith(REVIEWS))
    if not files:
        raise Refused(
            f"DATA: expected a folder with review files ({', '.join(REVIEWS)}), found none in {folder}"
        )
    return files


def put(s3: Any, bucket: str, prefix: str, files: list[Path]) -> str:
    """Upload files under a key that follows their content; return the URI of their folder."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        digest.update(f"{file.name}\0{content}\n".encode())
    folder = f"{prefix}{digest.hexdigest()[:16]}/"
    for file in files:
        s3.upload_file(str(file), bucket, folder + file.name)
    return f"s3://{bucket}/{folder}"


if __name__ == "__main__":
    sys.exit(main())
