"""A pipeline that ends in a release: Model, EndpointConfig, Endpoint and InferenceComponent steps."""

import json
import time

import pytest

from endpoints import IMAGE, ROLE, Endpoints

NAME = {"Get": "Parameters.Endpoint"}
CONTAINER = {"Image": IMAGE, "Environment": {"OBEY": "1", "TAG": "pipeline-"}}
SETTINGS = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def step(name, kind, **arguments):
    return {"Name": name, "Type": kind, "Arguments": arguments}


def release(**of_config):
    """Return the steps that make a configuration and an endpoint of it."""
    config = {"Get": "Steps.Config.EndpointConfigName"}
    return [
        step("Config", "EndpointConfig", EndpointConfigName=NAME, **of_config),
        step("Endpoint", "Endpoint", EndpointName=NAME, EndpointConfigName=config),
    ]


MODEL = step("Model", "Model", ExecutionRoleArn=ROLE, PrimaryContainer=CONTAINER)


@pytest.fixture
def run(cloud):
    """Run a pipeline of steps for an endpoint; return its execution and steps."""
    sm = Endpoints(cloud).sm

    def start(endpoint, *steps):
        parameter = {"Name": "Endpoint", "Type": "String", "DefaultValue": endpoint}
        text = json.dumps({"Version": "2020-12-01", "Parameters": [parameter], "Steps": steps})
        sm.create_pipeline(PipelineName=endpoint, RoleArn=ROLE, PipelineDefinition=text)
        arn = sm.start_pipeline_execution(PipelineName=endpoint)["PipelineExecutionArn"]
        status, end = "Executing", time.monotonic() + 60
        while status == "Executing" and time.monotonic() < end:
            time.sleep(0.05)
            described = sm.describe_pipeline_execution(PipelineExecutionArn=arn)
            status = described["PipelineExecutionStatus"]
        listed = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        assert status == "Succeeded", listed
        return arn, {each["StepName"]: each for each in listed["PipelineExecutionSteps"]}

    return start


def test_a_pipeline_makes_an_endpoint(cloud, run):
    endpoints, runtime = Endpoints(cloud), cloud.client("sagemaker-runtime")
    variant = SETTINGS | {"ModelName": {"Get": "Steps.Model.ModelName"}}
    arn, steps = run("released", MODEL, *release(ProductionVariants=[variant]))
    found = endpoints.describe("released")
    assert steps["Endpoint"]["Metadata"] == {"Endpoint": {"Arn": found["EndpointArn"]}}
    assert found["EndpointStatus"] == "InService"
    tags = endpoints.sm.list_tags(ResourceArn=found["EndpointArn"])["Tags"]
    assert {"Key": "sagemaker:pipeline-execution-arn", "Value": arn} in tags
    said = runtime.invoke_endpoint(EndpointName="released", Body=b"x")
    assert said["Body"].read() == b"pipeline-echo"


def test_a_pipeline_makes_an_inference_component(cloud, run):
    component = step(
        "Component",
        "InferenceComponent",
        InferenceComponentName="part",
        EndpointName={"Get": "Steps.Endpoint.EndpointName"},
        Specification={
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
        },
        RuntimeConfig={"CopyCount": 1},
    )
    host = release(ProductionVariants=[SETTINGS], ExecutionRoleArn=ROLE)
    _, steps = run("host", MODEL, *host, component)
    of = "arn:aws:sagemaker:us-east-1:123456789012:inference-component/part"
    assert steps["Component"]["Metadata"] == {"InferenceComponent": {"Arn": of}}
    runtime = cloud.client("sagemaker-runtime")
    said = runtime.invoke_endpoint(EndpointName="host", InferenceComponentName="part", Body=b"x")
    assert said["Body"].read() == b"pipeline-echo"
