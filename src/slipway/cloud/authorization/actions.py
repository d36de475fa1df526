"""Which IAM actions an operation is. Pure.

Source: Service Authorization Reference, "Actions defined by …".
"""

# botocore's service name → the prefix of its actions, where they differ
PREFIXES = {
    "sagemaker-runtime": "sagemaker",
    "sagemaker-featurestore-runtime": "sagemaker",
    "sagemaker-a2i-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "monitoring": "cloudwatch",
    "tagging": "tag",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
    "elbv2": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "email": "ses",
    "s3control": "s3",
}
# Operations that are allowed by the action of another name
OTHERS = {
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeAsync": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sns:PublishBatch": ("sns:Publish",),
    "kms:ReEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
}
# What everybody may ask who has credentials at all
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}


def prefix(service: str) -> str:
    """Return the prefix of a service's actions."""
    return PREFIXES.get(service, service)


def actions(service: str, operation: str) -> tuple[str, ...]:
    """Return the actions that an operation takes."""
    name = f"{prefix(service)}:{operation}"
    return OTHERS.get(name, (name,))
