"""Run the main job on this machine: review files in, a registered BERT model out.

make demo [DATA=<folder or s3 uri>] [DEMO_FLAGS="--json --rows 20000 -p Epochs=3"]
"""

import argparse
import contextlib
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
import demo_report

from slipway.cli import env, executions, local, output, run, source
from slipway.cli.errors import ExitCode, Refused, explain
from slipway.cli.follow import follow
from slipway.cli.output import note
from slipway.cli.references import Execution

ROOT = Path(__file__).resolve().parent.parent
PIPELINE = ROOT / "pipelines" / "reviews_training.py"
ROLE = "slipway-demo"
BUCKET = "slipway-demo"
JOB_ACTIONS = (  # what SageMaker's jobs need of an account, as the SDK checks it
    "sagemaker:*",
    "logs:*",
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
REVIEWS = (".tsv", ".tsv.gz", ".parquet")
ROWS = 6_000
# Small enough for two processors and five minutes: only the classifier's head learns, so the encoder
# runs once over each review; not balanced, so the accuracy stands beside the majority's; and a tenth
# to judge by, because a twentieth of so few reviews says little. On AWS the pipeline's defaults hold.
PARAMETERS = {
    "FreezeBertLayer": "True",
    "BalanceDataset": "False",
    "TrainSplitPercentage": "0.8",
    "ValidationSplitPercentage": "0.1",
    "TestSplitPercentage": "0.1",
    "Epochs": "5",
    "TrainBatchSize": "128",
    "LearningRate": "0.001",
}


def main() -> int:
    """Run the demo: 0 when a model was registered, 1 when something was refused or failed, 2 for a bug."""
    options = parse()
    started = time.monotonic()
    try:
        given = PARAMETERS | run.pairs(options.parameter)
        execution, described, folder = demo(options.data, options.rows, given)
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
        output.emit({**demo_report.summary(described, folder), "Seconds": seconds})
    else:
        executions.draw(execution, described)
        demo_report.draw(described, folder)
        output.say(f"\nThe demo took {output.duration(seconds)}.")
    succeeded = described["PipelineExecutionStatus"] == "Succeeded"
    return ExitCode.DONE if succeeded else ExitCode.REFUSED


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", help="folder of review files, or s3 uri in the local cloud")
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="of the sample (default: %(default)s)"
    )
    parser.add_argument(
        "-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="(repeat)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument("--verbose", action="store_true", help="show the trace of an error")
    return parser.parse_args()


def demo(
    data: str | None, rows: int, parameters: dict[str, str]
) -> tuple[Execution, dict[str, Any], Path]:
    """Take review files to a registered model; return the execution and the folder of its reports."""
    home = local.state_folder()
    cloud = local.running(home) or local.start(home, local.chosen_port())
    note(f"the local cloud answers at {cloud.endpoint}")
    os.environ.update(env.variables(cloud))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)

    role, s3 = make_role(), boto3.client("s3")
    make_bucket(s3)
    uri = data if data and data.startswith("s3://") else upload(s3, data, rows)
    note(f"reviews are in {uri}")
    sagemaker = boto3.client("sagemaker")
    name, definition = source.build(Path(os.path.relpath(PIPELINE)), role, BUCKET)
    source.upsert(sagemaker, name, definition, role)
    execution = run.start(sagemaker, name, parameters | {"InputData": uri}, None)
    note(f"started {execution.short}")
    follow(sagemaker, execution)
    described = executions.describe(sagemaker, execution)
    folder = home / "reports" / execution.id
    demo_report.fetch(sagemaker, s3, described["Steps"], folder)
    return execution, described, folder


def make_role() -> str:
    """Create the role that the pipeline and its jobs act as, if it is not there; return its ARN."""
    iam = boto3.client("iam")
    trust = statement("sts:AssumeRole", Principal={"Service": "sagemaker.amazonaws.com"})
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    arn: str = iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    policies = {
        "jobs": statement(*JOB_ACTIONS, Resource="*"),
        "objects": statement(
            "s3:*", Resource=[f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
        ),
        "itself": statement("iam:PassRole", Resource=arn),
    }
    for name, policy in policies.items():
        iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=policy)
    return arn


def statement(*actions: str, **members: Any) -> str:
    """Return a policy document of one statement that allows the actions."""
    allowed = {"Effect": "Allow", "Action": actions, **members}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def make_bucket(s3: Any) -> None:
    """Create the bucket, if it is not there."""
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)


def upload(s3: Any, folder: str | None, rows: int) -> str:
    """Put review files under a key that follows their content, so that a second run finds its cache."""
    if folder:
        return put_files(s3, Path(folder))
    with tempfile.TemporaryDirectory(prefix="slipway-demo-") as scratch:
        note(f"making {rows} sample reviews")
        script = ROOT / "scripts" / "generate_reviews.py"
        command = [sys.executable, str(script), scratch, "--rows", str(rows)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return put_files(s3, Path(scratch))


def put_files(s3: Any, folder: Path) -> str:
    """Upload the review files of a folder; return the URI of their prefix."""
    files = sorted(file for file in folder.glob("*") if file.name.endswith(REVIEWS))
    if not files:
        raise Refused(
            f"DATA: expected a folder with review files ({', '.join(REVIEWS)}), found none in {folder}"
        )
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            digest.update(
                f"{file.name}\0{hashlib.file_digest(opened, 'sha256').hexdigest()}\n".encode()
            )
    prefix = f"reviews/tsv/{digest.hexdigest()[:16]}/"
    for file in files:
        s3.upload_file(str(file), BUCKET, prefix + file.name)
    return f"s3://{BUCKET}/{prefix}"


if __name__ == "__main__":
    sys.exit(main())
