"""A custom resource that removes what was made at run time when its stack is deleted.

Executions that still run, versions of a model package group, endpoints with their configurations, models
and alarms: no stack knows them, and some would keep it from being deleted.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions.custom_resource import Answer, answering

PATIENCE = 600  # seconds for what has to end first
MISSING = ("Could not find", "does not exist", "not found")


def stop_executions(sagemaker: Any, pipeline: str, wait: Callable[[], None]) -> None:
    """Stop the executions of a pipeline, and return when they have ended."""
    while running := [
        each["PipelineExecutionArn"]
        for each in pages(
            sagemaker,
            "list_pipeline_executions",
            "PipelineExecutionSummaries",
            PipelineName=pipeline,
        )
        if each["PipelineExecutionStatus"] in ("Executing", "Stopping")
    ]:
        for arn in running:
            attempt(
                lambda arn=arn: sagemaker.stop_pipeline_execution(  # type: ignore[misc]
                    PipelineExecutionArn=arn, ClientRequestToken=arn.rpartition("/")[2] * 4
                )
            )
        wait()


def delete_versions(sagemaker: Any, group: str) -> None:
    """Delete the versions of a model package group."""
    for each in pages(
        sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group
    ):
        attempt(
            lambda arn=each["ModelPackageArn"]: sagemaker.delete_model_package(ModelPackageName=arn)  # type: ignore[misc]
        )


def delete_endpoint(
    sagemaker: Any, cloudwatch: Any, endpoint: str, wait: Callable[[], None]
) -> None:
    """Delete an endpoint, its releases' configurations and models, and their alarms."""
    while True:
        try:
            status = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
        except ClientError as error:
            if not missing(error):
                raise
            break
        if status in ("InService", "Failed", "OutOfService", "UpdateRollbackFailed"):
            attempt(lambda: sagemaker.delete_endpoint(EndpointName=endpoint))
        wait()
    prefix = f"{endpoint}-v"
    for each in pages(sagemaker, "list_endpoint_configs", "EndpointConfigs", NameContains=prefix):
        name = each["EndpointConfigName"]
        if name.startswith(prefix):
            attempt(lambda name=name: sagemaker.delete_endpoint_config(EndpointConfigName=name))  # type: ignore[misc]
    for each in pages(sagemaker, "list_models", "Models", NameContains=prefix):
        name = each["ModelName"]
        if name.startswith(prefix):
            attempt(lambda name=name: sagemaker.delete_model(ModelName=name))  # type: ignore[misc]
    alarms = [
        each["AlarmName"]
        for each in pages(cloudwatch, "describe_alarms", "MetricAlarms", AlarmNamePrefix=prefix)
    ]
    for first in range(0, len(alarms), 100):
        cloudwatch.delete_alarms(AlarmNames=alarms[first : first + 100])


def pages(client: Any, operation: str, member: str, **request: Any) -> Iterator[dict[str, Any]]:
    """Yield what all pages of an answer list; nothing where what is listed does not exist."""
    try:
        found = [
            each
            for page in client.get_paginator(operation).paginate(**request)
            for each in page[member]
        ]
    except ClientError as error:
        if not missing(error):
            raise
        return
    yield from found


def attempt(work: Callable[[], Any]) -> None:
    """Do something to a thing that may be gone already."""
    try:
        work()
    except ClientError as error:
        if not missing(error):
            raise


def missing(error: ClientError) -> bool:
    """Tell whether an error says that there is no such thing."""
    said = error.response["Error"]
    return said["Code"] in ("ResourceNotFound", "ResourceNotFoundException") or any(
        words in said["Message"] for words in MISSING
    )


def patience() -> Callable[[], None]:
    """Return a function that waits a moment; RuntimeError once all patience is gone."""
    end = time.monotonic() + PATIENCE

    def wait() -> None:
        if time.monotonic() > end:
            raise RuntimeError(f"expected everything to have ended after {PATIENCE} s; try again")
        time.sleep(2)

    return wait


def change(event: Mapping[str, Any]) -> Answer:
    """Do what CloudFormation asks.

    Properties, each optional: `PipelineName`, `ModelPackageGroupName`, `EndpointNames`.
    """
    of: Mapping[str, Any] = event["ResourceProperties"]
    if event["RequestType"] == "Delete":
        sagemaker, wait = boto3.client("sagemaker"), patience()
        if pipeline := of.get("PipelineName"):
            stop_executions(sagemaker, pipeline, wait)
        for endpoint in of.get("EndpointNames", ()):
            delete_endpoint(sagemaker, boto3.client("cloudwatch"), endpoint, wait)
        if group := of.get("ModelPackageGroupName"):
            delete_versions(sagemaker, group)
    return Answer(event["LogicalResourceId"])


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(event, context, lambda: change(event))
