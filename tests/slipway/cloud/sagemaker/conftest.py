"""Jobs on a running cloud, as a client starts them."""

import io
import json
import tarfile
import time
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest

from executions import definition

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
ECR = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
SKLEARN = f"{ECR}/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "jobs"


@dataclass
class Jobs:
    """A client that starts jobs and waits for them."""

    sm: Any
    s3: Any
    name: str  # of the test; job names begin with it

    def put(self, **objects: str | bytes) -> None:
        """Put objects below the test's own prefix; `__` in a name means `/`, `_` means `.`."""
        for name, body in objects.items():
            key = f"{self.name}/{name.replace('__', '/').replace('_', '.')}"
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def uri(self, path: str = "") -> str:
        return f"s3://{BUCKET}/{self.name}/{path}"

    def get(self, path: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=f"{self.name}/{path}")["Body"].read()

    def unpack(self, path: str) -> dict[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.get(path))) as tar:
            return {each.name: tar.extractfile(each).read() for each in tar if each.isfile()}

    def keys(self, path: str = "") -> set[str]:
        prefix = f"{self.name}/{path}"
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {each["Key"].removeprefix(prefix) for each in found}

    def process(self, script: str, job: str = "", **changes: Any) -> str:
        """Start a processing job of one script whose output folder is uploaded; return its name."""
        name = f"{self.name}{job}"
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}/code/script.py", Body=script)
        inputs = [self.input("code", f"s3://{BUCKET}/{name}/code/script.py")]
        request = {
            "ProcessingJobName": name,
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": changes.pop("image", SKLEARN),
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/script.py"],
            },
            "ProcessingInputs": inputs + changes.pop("inputs", []),
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "result",
                        "S3Output": {
                            "S3Uri": self.uri("result"),
                            "LocalPath": "/opt/ml/processing/output",
                            "S3UploadMode": changes.pop("upload", "EndOfJob"),
                        },
                    }
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": changes.pop("instances", 1),
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 10,
                }
            },
        } | changes
        self.sm.create_processing_job(**request)
        return name

    def input(self, name: str, uri: str, **changes: str) -> dict[str, Any]:
        source = {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        return {"InputName": name, "S3Input": source | changes}

    def train(
        self, script: str, job: str = "", files: dict[str, Any] | None = None, **changes: Any
    ):
        """Start a training job in script mode; return its name."""
        name = f"{self.name}{job}"
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for path, content in {"train.py": script, **(files or {})}.items():
                data = content.encode() if isinstance(content, str) else content
                member = tarfile.TarInfo(path)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        key = f"{name}/source/sourcedir.tar.gz"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=packed.getvalue())
        request = {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
            | changes.pop("algorithm", {}),
            "HyperParameters": {
                "sagemaker_program": '"train.py"',
                "sagemaker_submit_directory": f'"s3://{BUCKET}/{key}"',
            }
            | changes.pop("hyperparameters", {}),
            "OutputDataConfig": {"S3OutputPath": self.uri("models")},
            "ResourceConfig": {
                "InstanceCount": changes.pop("instances", 1),
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": changes.pop("max_runtime", 600)},
        } | changes
        self.sm.create_training_job(**request)
        return name

    def channel(self, name: str, uri: str, **changes: str) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": uri} | changes
        return {"ChannelName": name, "DataSource": {"S3DataSource": source}}

    def wait(self, name: str, seconds: float = 150) -> dict[str, Any]:
        """Return the description of a job of either kind once it has ended."""
        for until in self.poll(seconds):
            described = self.describe(name)
            status = described.get("TrainingJobStatus") or described["ProcessingJobStatus"]
            if status in ("Completed", "Failed", "Stopped"):
                return described
            assert until, f"{name} is still {status}"
        raise AssertionError

    def describe(self, name: str) -> dict[str, Any]:
        try:
            found = self.sm.describe_processing_job(ProcessingJobName=name)
        except self.sm.exceptions.ResourceNotFound:
            found = self.sm.describe_training_job(TrainingJobName=name)
        del found["ResponseMetadata"]
        return found

    def poll(self, seconds: float):
        """Yield True until the time is over, then False once."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield True
            time.sleep(0.03)
        yield False


def connect(cloud: Any, name: str) -> Jobs:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return Jobs(cloud.client("sagemaker"), s3, name)


@pytest.fixture
def jobs(cloud, request):
    """Jobs on the cloud that all tests share."""
    return connect(cloud, request.node.originalname.replace("_", "-")[5:45].strip("-"))


@pytest.fixture
def own_jobs(own_cloud):
    """Jobs on a cloud that the test may kill."""
    return connect(own_cloud, "own")


@pytest.fixture
def wheelhouse():
    """The files of a source folder that brings what it needs along, so that nothing is fetched."""
    info = "gauge-1.dist-info"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr("gauge.py", "LENGTH = 42\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: gauge\nVersion: 1\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    requirements = "--no-index\n--find-links wheels\ngauge\npandas\n"
    return {
        "requirements.txt": requirements.encode(),
        "wheels/gauge-1-py3-none-any.whl": packed.getvalue(),
    }


@pytest.fixture
def sagemaker(cloud):
    return cloud.client("sagemaker")


@pytest.fixture
def pipeline(sagemaker, request):
    """Create a pipeline with a name of the test's own."""

    def create(*steps, name=None, **more):
        name = name or request.node.name.replace("_", "-")[:82]
        sagemaker.create_pipeline(
            PipelineName=name, RoleArn=ROLE, PipelineDefinition=definition(*steps, **more)
        )
        return name

    return create


@pytest.fixture
def queue(cloud, request):
    """A queue, as the function that waits for its next message."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=request.node.name[:80])["QueueUrl"]

    def receive():
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
            if messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
                return json.loads(messages[0]["Body"])
            time.sleep(0.05)
        raise AssertionError("no message came")

    receive.url = url
    return receive
