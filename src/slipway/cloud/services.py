"""The AWS services of which Slipway owns operations; each is loaded when it is first called."""

from functools import cache
from importlib import import_module

from slipway.cloud.service import Service

# botocore's service name → the module whose SERVICE holds the operations
MODULES = {
    "events": "slipway.cloud.eventbridge.service",  # first, so that it hears what others publish
    "scheduler": "slipway.cloud.scheduler.service",
    "sns": "slipway.cloud.sns.service",
    "cloudwatch": "slipway.cloud.cloudwatch.service",
    "application-autoscaling": "slipway.cloud.autoscaling.service",
    "sagemaker": "slipway.cloud.sagemaker.service",
    "sagemaker-runtime": "slipway.cloud.sagemaker_runtime.service",
    "iam": "slipway.cloud.iam.service",
    "athena": "slipway.cloud.athena.service",
    "glue": "slipway.cloud.glue.service",
    "secretsmanager": "slipway.cloud.secretsmanager.service",
    "redshift-serverless": "slipway.cloud.redshift_serverless.service",
    "lambda": "slipway.cloud.awslambda.service",
    "logs": "slipway.cloud.logs.service",
    "sts": "slipway.cloud.sts.service",
    "cloudformation": "slipway.cloud.cloudformation.service",  # the last: it uses all others
}


@cache
def owned(name: str) -> Service:
    """Return the service; KeyError when the ground has all of it."""
    service: Service = import_module(MODULES[name]).SERVICE
    return service
