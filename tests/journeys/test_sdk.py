"""A scientist's script: SageMaker SDK v3, unmodified, pointed at the local cloud."""

import json
import subprocess
import sys

import boto3
import pytest

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
PREPARE = """
import pathlib, sys
folder = pathlib.Path("/opt/ml/processing/output")
(folder / "numbers.csv").write_text("\\n".join(str(n) for n in range(int(sys.argv[1]))))
"""
TRAIN = """
import json, os, pathlib
numbers = pathlib.Path(os.environ["SM_CHANNEL_NUMBERS"], "numbers.csv").read_text().split()
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps({"sum": sum(map(int, numbers))}))
print(f"total={sum(map(int, numbers))};")
"""
EVALUATE = """
import json, pathlib, tarfile
with tarfile.open("/opt/ml/processing/model/model.tar.gz") as tar:
    value = json.load(tar.extractfile("model.json"))["sum"]
pathlib.Path("/opt/ml/processing/output/report.json").write_text(json.dumps({"sum": {"value": value}}))
"""
SCRIPT = """
import json, sys
from sagemaker.core.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.core.shapes import ProcessingS3Input, ProcessingS3Output
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.train import ModelTrainer

image, role = sys.argv[1:]
session = PipelineSession(default_bucket="scientist")
count = ParameterInteger("Count", default_value=5)
lowest = ParameterInteger("Lowest", default_value=10)


def processor(name):
    return ScriptProcessor(
        image_uri=image, command=["python3"], role=role, instance_count=1,
        instance_type="ml.m5.large", sagemaker_session=session, base_job_name=name,
    )


def output(name):
    where = ProcessingS3Output(
        s3_uri=f"s3://scientist/{name}", local_path="/opt/ml/processing/output",
        s3_upload_mode="EndOfJob",
    )
    return ProcessingOutput(output_name="out", s3_output=where)


prepare = ProcessingStep(
    "Prepare",
    step_args=processor("prepare").run(
        code="prepare.py", arguments=[count.to_string()], outputs=[output("numbers")]
    ),
    cache_config=CacheConfig(enable_caching=True, expire_after="P1D"),
)
numbers = prepare.properties.ProcessingOutputConfig.Outputs["out"].S3Output.S3Uri
trainer = ModelTrainer(
    training_image=image, role=role, sagemaker_session=session, base_job_name="train",
    source_code=SourceCode(source_dir="source", entry_script="train.py"),
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    input_data_config=[InputData(channel_name="numbers", data_source=numbers)],
)
train = TrainingStep("Train", step_args=trainer.train())
model = ProcessingInput(
    input_name="model",
    s3_input=ProcessingS3Input(
        s3_uri=train.properties.ModelArtifacts.S3ModelArtifacts,
        local_path="/opt/ml/processing/model", s3_data_type="S3Prefix", s3_input_mode="File",
    ),
)
report = PropertyFile(name="Report", output_name="out", path="report.json")
evaluate = ProcessingStep(
    "Evaluate",
    step_args=processor("evaluate").run(
        code="evaluate.py", inputs=[model], outputs=[output("report")]
    ),
    property_files=[report],
)
total = JsonGet(step_name=evaluate.name, property_file=report, json_path="sum.value")
decide = ConditionStep(
    "Decide",
    conditions=[ConditionGreaterThanOrEqualTo(left=total, right=lowest)],
    if_steps=[],
    else_steps=[FailStep("TooLow", error_message=Join(on=" ", values=[total, "is below", lowest]))],
)
pipeline = Pipeline(
    "scientist", parameters=[count, lowest], steps=[prepare, train, evaluate, decide],
    sagemaker_session=session,
)
pipeline.upsert(role_arn=role)
pipeline.upsert(role_arn=role)  # the second one updates
for parameters in ({}, {"Lowest": 11}):
    execution = pipeline.start(parameters=parameters)
    try:
        execution.wait(delay=1)
    except Exception as error:
        print(type(error).__name__)
    described = execution.describe()
    steps = {step["StepName"]: step for step in execution.list_steps()}
    shown = {
        name: (step["StepStatus"], step.get("FailureReason"), "CacheHitResult" in step)
        for name, step in steps.items()
    }
    print("RESULT", json.dumps([described["PipelineExecutionStatus"], shown]))
"""


@pytest.mark.slow
def test_upsert_start_wait_and_list_steps(cloud, tmp_path):
    environ = cloud.environ
    keys = environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"]
    iam = boto3.Session(*keys).client("iam", "us-east-1", endpoint_url=environ["AWS_ENDPOINT_URL"])
    created = iam.create_role(RoleName="scientist", AssumeRolePolicyDocument=json.dumps(TRUST))
    role = created["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName="scientist", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    )
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").write_text(TRAIN)
    (tmp_path / "prepare.py").write_text(PREPARE)
    (tmp_path / "evaluate.py").write_text(EVALUATE)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, IMAGE, role],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT")]
    (first, steps), (second, again) = (json.loads(line.partition(" ")[2]) for line in lines)
    assert first == "Succeeded", steps
    fine = ["Succeeded", None, False]
    assert steps == dict.fromkeys(["Prepare", "Train", "Evaluate", "Decide"], fine)
    assert second == "Failed"
    assert again["TooLow"] == ["Failed", "10 is below 11", False]
    assert again["Prepare"] == ["Succeeded", None, True]
