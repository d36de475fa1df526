"""A pipeline of Model, EndpointConfig, Endpoint and InferenceComponent steps."""

import json
import time

from endpoints import IMAGE, ROLE, Endpoints

NAME = "by-pipeline"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
CONTAINER = {"Image": IMAGE, "Environment": {"OBEY": "1", "TAG": "pipeline-"}}
SETTINGS = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
STEPS = {
    "Model": {"ExecutionRoleArn": ROLE, "PrimaryContainer": CONTAINER},
    "EndpointConfig": {
        "EndpointConfigName": NAME,
        "ProductionVariants": [SETTINGS],
        "ExecutionRoleArn": ROLE,
    },
    "Endpoint": {
        "EndpointName": NAME,
        "EndpointConfigName": {"Get": "Steps.EndpointConfig.EndpointConfigName"},
    },
    "InferenceComponent": {
        "InferenceComponentName": NAME,
        "EndpointName": {"Get": "Steps.Endpoint.EndpointName"},
        "Specification": {
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
        },
        "RuntimeConfig": {"CopyCount": 1},
    },
}


def test_a_pipeline_makes_an_inference_component(cloud):
    sm, runtime = Endpoints(cloud).sm, cloud.client("sagemaker-runtime")
    steps = [{"Name": kind, "Type": kind, "Arguments": given} for kind, given in STEPS.items()]
    text = json.dumps({"Version": "2020-12-01", "Steps": steps})
    sm.create_pipeline(PipelineName=NAME, RoleArn=ROLE, PipelineDefinition=text)
    arn = sm.start_pipeline_execution(PipelineName=NAME)["PipelineExecutionArn"]
    status, end = "Executing", time.monotonic() + 60
    while status == "Executing" and time.monotonic() < end:
        time.sleep(0.05)
        described = sm.describe_pipeline_execution(PipelineExecutionArn=arn)
        status = described["PipelineExecutionStatus"]
    listed = sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert status == "Succeeded", listed
    made = {each["StepName"]: each["Metadata"] for each in listed}
    endpoint, component = f"{ARN}endpoint/{NAME}", f"{ARN}inference-component/{NAME}"
    assert made["Endpoint"] == {"Endpoint": {"Arn": endpoint}}
    assert made["InferenceComponent"] == {"InferenceComponent": {"Arn": component}}
    for each in (endpoint, component):
        tags = sm.list_tags(ResourceArn=each)["Tags"]
        assert {"Key": "sagemaker:pipeline-execution-arn", "Value": arn} in tags
    names = {"EndpointName": NAME, "InferenceComponentName": NAME}
    assert runtime.invoke_endpoint(**names, Body=b"x")["Body"].read() == b"pipeline-echo"
