"""Transform jobs on a running cloud, with a real model server behind each."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from slipway.images import catalog

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/batch:1"
SERVER = Path(__file__).with_name("transform_server.py")
BUCKET = "batches"


class Transforms:
    """A client that starts transform jobs and waits for them; what the models were asked is kept."""

    def __init__(self, cloud: Any, folder: Path) -> None:
        self.folder = folder
        entry = {
            "command": [str(Path(sys.executable).resolve()), "-S", str(SERVER)],
            "folder": str(SERVER.parent),
            "binds_port": True,
        }
        catalog.write(catalog.file_of(cloud.home), IMAGE, entry)
        self.connect(cloud)
        self.s3.create_bucket(Bucket=BUCKET)

    def connect(self, cloud: Any) -> None:
        self.sm, self.s3 = cloud.client("sagemaker"), cloud.client("s3")
        self.logs = cloud.client("logs")

    def put(self, name: str, **files: bytes) -> None:
        """Put the input of a job; `_` in a file's name means `.`, `__` means `/`."""
        for file, body in files.items():
            key = f"{name}/in/{file.replace('__', '/').replace('_', '.')}"
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def model(self, name: str, mode: str, **environment: str) -> None:
        own = {"MODE": mode, "ASKED": str(self.folder / name)} | environment
        container = {"Image": IMAGE, "Environment": own}
        self.sm.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)

    def start(self, name: str, mode: str = "upper", **changes: Any) -> None:
        """Start a job with a model of its own on what was put for it; `input` and `output` change those."""
        self.model(name, mode, **changes.pop("environment", {}))
        self.sm.create_transform_job(**self.request(name, **changes))

    def request(self, name: str, **changes: Any) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/in/"}
        source |= changes.pop("source", {})
        result = {"S3OutputPath": f"s3://{BUCKET}/{name}/out"} | changes.pop("output", {})
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": changes.pop("instances", 1)}
        return {
            "TransformJobName": name,
            "ModelName": name,
            "TransformInput": {
                "DataSource": {"S3DataSource": source},
                "SplitType": "Line",
                "ContentType": "text/csv",
            }
            | changes.pop("input", {}),
            "TransformOutput": result,
            "TransformResources": resources,
        } | changes

    def describe(self, name: str) -> dict[str, Any]:
        found = self.sm.describe_transform_job(TransformJobName=name)
        del found["ResponseMetadata"]
        return found

    def ended(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Return the description of a job once it has ended."""
        end = time.monotonic() + seconds
        while True:
            found = self.describe(name)
            if found["TransformJobStatus"] not in ("InProgress", "Stopping"):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def outputs(self, name: str, below: str = "out/") -> dict[str, bytes]:
        """Return what a job wrote, by the name below its output path."""
        prefix = f"{name}/{below}"
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {
            each["Key"].removeprefix(prefix): self.s3.get_object(Bucket=BUCKET, Key=each["Key"])[
                "Body"
            ].read()
            for each in found
        }

    def asked(self, name: str) -> list[list[Any]]:
        """Return [body, content type, accept, environment] of each request to a job's model."""
        path = self.folder / name
        return [json.loads(line) for line in path.open()] if path.exists() else []

    def lines(self, name: str, part: str) -> list[str]:
        """Return the messages of the log streams of a job whose names hold a text."""
        group = "/aws/sagemaker/TransformJobs"
        streams = self.logs.describe_log_streams(
            logGroupName=group, logStreamNamePrefix=f"{name}/"
        )["logStreams"]
        return [
            event["message"]
            for each in streams
            if part in each["logStreamName"]
            for event in self.logs.get_log_events(
                logGroupName=group, logStreamName=each["logStreamName"], startFromHead=True
            )["events"]
        ]
