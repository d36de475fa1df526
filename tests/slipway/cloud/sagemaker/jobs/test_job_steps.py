"""Steps that run jobs, in executions on a cloud in its own process."""

import json
import time

import pytest

ROLE = "arn:aws:iam::123456789012:role/pipelines"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "job-steps"
ENDED = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")

MEASURE = """
import json, sys, pathlib
value = float(sys.argv[1])
if value < 0:
    raise ValueError("a negative value")
out = pathlib.Path("/opt/ml/processing/output")
(out / "report.json").write_text(json.dumps({"metrics": {"accuracy": {"value": value}}}))
"""
SLEEP = "import time\nprint('asleep', flush=True)\ntime.sleep(60)"


class Runner:
    """Creates pipelines of processing steps and follows their executions."""

    def __init__(self, cloud, name):
        self.sm, self.s3, self.name = cloud.client("sagemaker"), cloud.client("s3"), name
        self.s3.create_bucket(Bucket=BUCKET)

    def processing(self, name, script, *arguments, **more):
        """Return a step that runs a script and uploads what it leaves in its output folder."""
        key = f"{self.name}/{name}.py"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=script)
        folder = ["s3:/", BUCKET, self.name, {"Get": "Execution.PipelineExecutionId"}, name]
        return {
            "Name": name,
            "Type": "Processing",
            "Arguments": {
                "ProcessingResources": {
                    "ClusterConfig": {
                        "InstanceType": "ml.m5.large",
                        "InstanceCount": 1,
                        "VolumeSizeInGB": 30,
                    }
                },
                "AppSpecification": {
                    "ImageUri": IMAGE,
                    "ContainerEntrypoint": ["python3", f"/opt/ml/processing/input/code/{name}.py"],
                    **({"ContainerArguments": list(arguments)} if arguments else {}),
                },
                "ProcessingInputs": [
                    {
                        "InputName": "code",
                        "AppManaged": False,
                        "S3Input": {
                            "S3Uri": f"s3://{BUCKET}/{key}",
                            "LocalPath": "/opt/ml/processing/input/code",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "out",
                            "S3Output": {
                                "S3Uri": {"Std:Join": {"On": "/", "Values": folder}},
                                "LocalPath": "/opt/ml/processing/output",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
                "RoleArn": ROLE,
            },
            **more,
        }

    def start(self, *steps, parameters=(), **more):
        text = json.dumps(
            {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
        )
        self.sm.create_pipeline(PipelineName=self.name, RoleArn=ROLE, PipelineDefinition=text)
        return self.again(**more)

    def again(self, **more):
        started = self.sm.start_pipeline_execution(PipelineName=self.name, **more)
        return started["PipelineExecutionArn"]

    def ended(self, arn):
        """Return the status with which an execution ends."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            described = self.sm.describe_pipeline_execution(PipelineExecutionArn=arn)
            if described["PipelineExecutionStatus"] in ENDED:
                return described["PipelineExecutionStatus"]
            time.sleep(0.05)
        raise AssertionError(f"still {described['PipelineExecutionStatus']}")

    def steps(self, arn):
        listed = self.sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        return {step["StepName"]: step for step in listed["PipelineExecutionSteps"]}

    def job(self, step):
        """Return the processing job of a step as described."""
        name = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
        return self.sm.describe_processing_job(ProcessingJobName=name)


@pytest.fixture
def runner(cloud, request):
    return Runner(cloud, request.node.name.replace("_", "-")[:80])


def accuracy(step):
    file = {"Get": f"Steps.{step}.PropertyFiles.Report"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": "metrics.accuracy.value"}}


REPORT = {
    "PropertyFiles": [
        {"PropertyFileName": "Report", "OutputName": "out", "FilePath": "report.json"}
    ]
}


def test_a_script_measures_and_a_condition_reads_its_report(runner):
    value = {"Name": "Value", "Type": "String", "DefaultValue": "0.4"}
    measure = runner.processing("Measure", MEASURE, {"Get": "Parameters.Value"}, **REPORT)
    where = {"Get": "Steps.Measure.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
    text = {"Std:Join": {"On": " ", "Values": [accuracy("Measure"), "is too low, see", where]}}
    low = {"Name": "Low", "Type": "Fail", "Arguments": {"ErrorMessage": text}}
    condition = {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": accuracy("Measure"),
        "RightValue": 0.5,
    }
    choose = {
        "Name": "Choose",
        "Type": "Condition",
        "Arguments": {"Conditions": [condition], "IfSteps": [], "ElseSteps": [low]},
    }
    arn = runner.start(measure, choose, parameters=[value])
    assert runner.ended(arn) == "Failed"
    steps = runner.steps(arn)
    execution_id = arn.rpartition("/")[2]
    place = f"s3://{BUCKET}/{runner.name}/{execution_id}/Measure"
    assert steps["Low"]["FailureReason"] == f"0.4 is too low, see {place}"
    job = runner.job(steps["Measure"])
    assert job["ProcessingJobName"].startswith(f"pipelines-{execution_id}-Measure-")
    tags = runner.sm.list_tags(ResourceArn=job["ProcessingJobArn"])["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": arn} in tags
    good = runner.again(PipelineParameters=[{"Name": "Value", "Value": "0.9"}])
    assert runner.ended(good) == "Succeeded"
    assert sorted(runner.steps(good)) == ["Choose", "Measure"]


def test_a_failed_job_fails_its_step_and_a_retry_repeats_it_alone(runner):
    script = MEASURE + "\nfrom pathlib import Path\n"
    first = runner.processing("First", script, "1")
    second = runner.processing("Second", MEASURE, "-1", DependsOn=["First"])
    third = runner.processing("Third", MEASURE, "1", DependsOn=["Second"])
    arn = runner.start(first, second, third)
    assert runner.ended(arn) == "Failed"
    before = runner.steps(arn)
    assert sorted(before) == ["First", "Second"]
    assert (
        before["Second"]["FailureReason"]
        == "ClientError: AlgorithmError: ValueError: a negative value, exit code: 1"
    )
    runner.processing("Second", MEASURE.replace("value < 0", "False"))  # the code is mended
    runner.sm.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert runner.ended(arn) == "Succeeded"
    after = runner.steps(arn)
    assert sorted(after) == ["First", "Second", "Third"]
    assert after["First"] == before["First"]
    assert after["Second"]["Metadata"] != before["Second"]["Metadata"]


def test_an_unchanged_step_is_taken_from_the_cache_with_its_report(runner):
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
    parameters = [{"Name": "Value", "Type": "String", "DefaultValue": "0.7"}]
    measure = runner.processing("Measure", MEASURE, {"Get": "Parameters.Value"}, **REPORT, **cache)
    condition = {"Type": "Equals", "LeftValue": accuracy("Measure"), "RightValue": 0.7}
    choose = {"Name": "Choose", "Type": "Condition", "Arguments": {"Conditions": [condition]}}
    choose["Arguments"] |= {"IfSteps": [], "ElseSteps": []}
    first = runner.start(measure, choose, parameters=parameters)
    assert runner.ended(first) == "Succeeded"
    second = runner.again()
    assert runner.ended(second) == "Succeeded"
    steps = runner.steps(second)
    assert steps["Measure"]["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert steps["Measure"]["Metadata"] == runner.steps(first)["Measure"]["Metadata"]
    assert steps["Choose"]["Metadata"]["Condition"]["Outcome"] == "True"
    assert "CacheHitResult" not in steps["Choose"]
    other = runner.again(PipelineParameters=[{"Name": "Value", "Value": "0.8"}])
    assert runner.ended(other) == "Succeeded"
    assert "CacheHitResult" not in runner.steps(other)["Measure"]


def test_a_stopped_execution_stops_its_job(runner):
    arn = runner.start(
        runner.processing("Sleep", SLEEP), runner.processing("Next", MEASURE, DependsOn=["Sleep"])
    )
    while "Sleep" not in runner.steps(arn) or not runner.steps(arn)["Sleep"]["Metadata"]:
        time.sleep(0.05)
    runner.sm.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert runner.ended(arn) == "Stopped"
    steps = runner.steps(arn)
    assert list(steps) == ["Sleep"]
    assert steps["Sleep"]["StepStatus"] == "Stopped"
    assert runner.job(steps["Sleep"])["ProcessingJobStatus"] == "Stopped"


def test_a_refused_job_shows_the_refusal_of_the_service(runner):
    step = runner.processing("Measure", MEASURE)
    step["Arguments"]["AppSpecification"]["ImageUri"] = "123456789012.dkr.ecr/mine:1"
    arn = runner.start(step)
    assert runner.ended(arn) == "Failed"
    reason = runner.steps(arn)["Measure"]["FailureReason"]
    assert reason.startswith(
        "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: "
    )
    assert "mine:1" in reason
    assert runner.steps(arn)["Measure"]["Metadata"] == {}


def test_a_handler_runs_on_a_failure_and_the_execution_says_so(runner):
    bad = runner.processing("Bad", MEASURE, "-1")
    handler = runner.processing(
        "Handler", MEASURE, "1", DependsOn=[{"Step": "Bad", "Trigger": "Failed"}]
    )
    arn = runner.start(bad, handler)
    assert runner.ended(arn) == "CompletedWithFailures"
    steps = runner.steps(arn)
    assert (steps["Bad"]["StepStatus"], steps["Handler"]["StepStatus"]) == ("Failed", "Succeeded")


def model_steps(after):
    container = {
        "Image": IMAGE,
        "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz",
        "Environment": {"FROM": {"Get": f"Steps.{after}.ProcessingJobName"}},
    }
    create = {
        "Name": "Create",
        "Type": "Model",
        "Arguments": {"ExecutionRoleArn": ROLE, "PrimaryContainer": container},
    }
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "DependsOn": ["Create"],
        "Arguments": {
            "ModelPackageGroupName": "job-steps-group",
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": container["ModelDataUrl"]}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    return create, register


def test_a_model_is_created_and_registered(runner):
    runner.s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"model")
    create, register = model_steps("Measure")
    name = {"Get": "Steps.Register.ModelPackageArn"}
    tell = {
        "Name": "Tell",
        "Type": "Fail",
        "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["made", name]}}},
    }
    arn = runner.start(runner.processing("Measure", MEASURE, "1"), create, register, tell)
    assert runner.ended(arn) == "Failed"
    steps = runner.steps(arn)
    package = steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    assert steps["Tell"]["FailureReason"] == f"made {package}"
    described = runner.sm.describe_model_package(ModelPackageName=package)
    assert described["MetadataProperties"] == {"GeneratedBy": arn}
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    group = runner.sm.describe_model_package_group(ModelPackageGroupName="job-steps-group")
    assert package.startswith(group["ModelPackageGroupArn"].replace("-group/", "/", 1))
    model = steps["Create"]["Metadata"]["Model"]["Arn"]
    execution_id = arn.rpartition("/")[2]
    found = runner.sm.list_models(NameContains=f"pipelines-{execution_id}-Create")["Models"]
    assert [each["ModelArn"] for each in found] == [model]
    described = runner.sm.describe_model(ModelName=found[0]["ModelName"])
    job = runner.job(steps["Measure"])["ProcessingJobName"]
    assert described["PrimaryContainer"]["Environment"] == {"FROM": job}
