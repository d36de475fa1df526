"""A pipeline that ends in a release: Model, EndpointConfig and Endpoint steps."""

import json
import time

from endpoints import IMAGE, ROLE, Endpoints

NAME = {"Get": "Parameters.Endpoint"}


def step(name, kind, **arguments):
    return {"Name": name, "Type": kind, "Arguments": arguments}


def test_a_pipeline_makes_an_endpoint(cloud):
    endpoints = Endpoints(cloud)
    container = {"Image": IMAGE, "Environment": {"OBEY": "1", "TAG": "pipeline-"}}
    settings = {"VariantName": "v", "ModelName": {"Get": "Steps.Model.ModelName"}}
    settings |= {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    steps = [
        step("Model", "Model", ExecutionRoleArn=ROLE, PrimaryContainer=container),
        step("Config", "EndpointConfig", EndpointConfigName=NAME, ProductionVariants=[settings]),
        step(
            "Endpoint",
            "Endpoint",
            EndpointName=NAME,
            EndpointConfigName={"Get": "Steps.Config.EndpointConfigName"},
        ),
    ]
    parameter = {"Name": "Endpoint", "Type": "String", "DefaultValue": "released"}
    text = json.dumps({"Version": "2020-12-01", "Parameters": [parameter], "Steps": steps})
    sm = endpoints.sm
    sm.create_pipeline(PipelineName="release", RoleArn=ROLE, PipelineDefinition=text)
    arn = sm.start_pipeline_execution(PipelineName="release")["PipelineExecutionArn"]
    status, end = "Executing", time.monotonic() + 60
    while status == "Executing" and time.monotonic() < end:
        time.sleep(0.05)
        described = sm.describe_pipeline_execution(PipelineExecutionArn=arn)
        status = described["PipelineExecutionStatus"]
    listed = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert status == "Succeeded", listed
    (made,) = (each for each in listed if each["StepName"] == "Endpoint")
    found = endpoints.describe("released")
    assert made["Metadata"] == {"Endpoint": {"Arn": found["EndpointArn"]}}
    assert found["EndpointStatus"] == "InService"
    tags = sm.list_tags(ResourceArn=found["EndpointArn"])["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": arn} in tags
    said = cloud.client("sagemaker-runtime").invoke_endpoint(EndpointName="released", Body=b"x")
    assert said["Body"].read() == b"pipeline-echo"
