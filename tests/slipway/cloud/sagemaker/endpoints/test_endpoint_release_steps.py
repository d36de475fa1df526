"""A pipeline that releases to an endpoint again and again, with the steps as the SDK writes them."""

import json
import time

from endpoints import IMAGE, ROLE, Endpoints

NAME = {"Get": "Parameters.Endpoint"}
CONFIG = {"Std:Join": {"On": "-", "Values": [NAME, {"Get": "Execution.PipelineExecutionId"}]}}


def step(name, kind, **arguments):
    return {"Name": name, "Type": kind, "Arguments": arguments}


def definition(**environment):
    container = {"Image": IMAGE, "Environment": {"OBEY": "1"} | environment}
    settings = {"VariantName": "v", "ModelName": {"Get": "Steps.Model.ModelName"}}
    settings |= {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    steps = [
        step("Model", "Model", ExecutionRoleArn=ROLE, PrimaryContainer=container),
        step("Config", "EndpointConfig", EndpointConfigName=CONFIG, ProductionVariants=[settings]),
        step(
            "Endpoint",
            "Endpoint",
            EndpointName=NAME,
            EndpointConfigName={"Get": "Steps.Config.EndpointConfigName"},
            Tags=[],
        ),
    ]
    parameter = {"Name": "Endpoint", "Type": "String", "DefaultValue": "released"}
    return json.dumps({"Version": "2020-12-01", "Parameters": [parameter], "Steps": steps})


def executed(sm):
    """Run the pipeline; return its status and its Endpoint step."""
    arn = sm.start_pipeline_execution(PipelineName="release")["PipelineExecutionArn"]
    status, end = "Executing", time.monotonic() + 60
    while status == "Executing" and time.monotonic() < end:
        time.sleep(0.05)
        described = sm.describe_pipeline_execution(PipelineExecutionArn=arn)
        status = described["PipelineExecutionStatus"]
    listed = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    (made,) = (each for each in listed if each["StepName"] == "Endpoint")
    return status, made


def test_a_pipeline_makes_an_endpoint_and_then_releases_to_it(cloud):
    endpoints = Endpoints(cloud)
    sm, runtime = endpoints.sm, cloud.client("sagemaker-runtime")
    text = definition(TAG="first-")
    sm.create_pipeline(PipelineName="release", RoleArn=ROLE, PipelineDefinition=text)
    status, made = executed(sm)
    assert status == "Succeeded", made
    found = endpoints.describe("released")
    said = runtime.invoke_endpoint(EndpointName="released", Body=b"x")["Body"].read()
    assert said == b"first-echo"

    sm.update_pipeline(PipelineName="release", PipelineDefinition=definition(TAG="second-"))
    status, made = executed(sm)
    assert status == "Succeeded", made
    second = endpoints.describe("released")["EndpointConfigName"]
    assert second != found["EndpointConfigName"]
    said = runtime.invoke_endpoint(EndpointName="released", Body=b"x")["Body"].read()
    assert said == b"second-echo"

    # An update that fails leaves the endpoint InService on the old configuration; the step has failed.
    sm.update_pipeline(PipelineName="release", PipelineDefinition=definition(FAIL="no weights"))
    status, made = executed(sm)
    assert status == "Failed"
    assert "did not pass the ping health check" in made["FailureReason"]
    assert endpoints.describe("released")["EndpointConfigName"] == second
