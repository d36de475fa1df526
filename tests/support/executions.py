"""Definitions of pipelines that run nothing, and what their executions came to."""

import json
import time

ROLE = "arn:aws:iam::123456789012:role/pipelines"
ENDED = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")


def choice(name, left, right, if_steps=(), else_steps=()):
    condition = {"Type": "LessThan", "LeftValue": left, "RightValue": right}
    branches = {"IfSteps": list(if_steps), "ElseSteps": list(else_steps)}
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": [condition], **branches},
    }


def fail(name, message):
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def definition(*steps, parameters=()):
    return json.dumps(
        {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    )


def ended(sagemaker, arn):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if described["PipelineExecutionStatus"] in ENDED:
            return described
        time.sleep(0.02)
    raise AssertionError(f"still {described['PipelineExecutionStatus']}")


def steps_of(sagemaker, arn):
    listed = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    return listed["PipelineExecutionSteps"]


def callback(name, queue, *after, **more):
    return {
        "Name": name,
        "Type": "Callback",
        "SqsQueueUrl": queue.url,
        "Arguments": {"what": "this"},
        "OutputParameters": [{"OutputName": "Count", "OutputType": "Integer"}],
        "DependsOn": list(after),
        **more,
    }


def start(sagemaker, name, **more):
    return sagemaker.start_pipeline_execution(PipelineName=name, **more)["PipelineExecutionArn"]


def by_name(sagemaker, arn):
    return {step["StepName"]: step for step in steps_of(sagemaker, arn)}


COUNT = [{"Name": "Count", "Value": "7"}]
