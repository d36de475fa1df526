"""What is made at run time and goes with a development environment: executions, versions, endpoints."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from infra.constructs.function import PlatformFunction
from infra.constructs.people_roles import Names, arn
from infra.constructs.policy import Allow
from infra.constructs.stack import PlatformStack
from infra.stacks.network import Network


def remover(
    stack: PlatformStack, network: Network, key: kms.IKey, names: Names, endpoints: Sequence[str]
) -> PlatformFunction:
    """Return the function that removes what no stack knows."""
    return PlatformFunction(
        stack,
        "leftovers",
        description="Removes what was made at run time, when its stack goes",
        network=network,
        key=key,
        timeout=cdk.Duration.minutes(15),
        statements=[
            Allow(
                "StopExecutions",
                ["sagemaker:StopPipelineExecution"],
                [names.executions_arn(stack)],
                why="executions have ids that SageMaker makes",
            ),
            Allow(
                "FindExecutions",
                ["sagemaker:ListPipelineExecutions"],
                [names.pipeline_arn(stack)],
            ),
            Allow(
                "DeleteVersions",
                ["sagemaker:DeleteModelPackage", "sagemaker:ListModelPackages"],
                names.packages_arns(stack),
                why="each version has a number of its own",
            ),
            Allow(
                "DeleteEndpoints",
                ["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint"],
                [arn(stack, "endpoint", name) for name in endpoints],
            ),
            Allow(
                "DeleteReleases",
                ["sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"],
                [each for name in endpoints for each in releases_of(stack, name)],
                why="each release has a name of its own",
            ),
            Allow(
                "FindReleases",
                [
                    "cloudwatch:DescribeAlarms",
                    "sagemaker:ListEndpointConfigs",
                    "sagemaker:ListModels",
                ],
                ["*"],
                why="neither service knows a resource for these actions",
            ),
            Allow(
                "DeleteAlarms",
                ["cloudwatch:DeleteAlarms"],
                [alarms_of(stack, name) for name in endpoints],
                why="each release has alarms of its own",
            ),
        ],
    )


def leftovers(
    stack: PlatformStack, function: PlatformFunction, what: Mapping[str, Any]
) -> cdk.CustomResource:
    """Return a resource with whose end these things end."""
    return cdk.CustomResource(
        stack,
        "Leftovers",
        service_token=function.function_arn,
        resource_type="Custom::Leftovers",
        properties=dict(what),
    )


def releases_of(stack: PlatformStack, endpoint: str) -> list[str]:
    """Return the ARN patterns of an endpoint's configurations and models."""
    return [arn(stack, kind, f"{endpoint}-v*") for kind in ("endpoint-config", "model")]


def alarms_of(stack: PlatformStack, endpoint: str) -> str:
    """Return the ARN pattern of the alarms of an endpoint's releases."""
    return str(
        stack.format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"{endpoint}-v*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
    )
