"""Which service and operation a request means. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from slipway.cloud.wire import Request

SCOPE = r"([^/,\s&]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request"
SIGNED = re.compile(rf"Credential={SCOPE}")
PRESIGNED = re.compile(rf"(?:^|&)X-Amz-Credential={SCOPE}")
TARGETS = {
    "SageMaker": "sagemaker",
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AWSEvents": "events",
    "AnyScaleFrontendService": "application-autoscaling",
    "RedshiftServerless": "redshift-serverless",
    "AWSGlue": "glue",
    "AmazonAthena": "athena",
}
SCOPES = {  # where the signature's name is not botocore's
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "email": "ses",
}
RPC = re.compile(r"/service/(\w+)/operation/(\w+)")
ACTION = re.compile(r"(?:^|&)Action=(\w+)")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Route:
    """The meaning of a request; empty strings where it says nothing."""

    service: str  # botocore's name; "s3" for an unsigned request that names no other
    operation: str
    region: str
    access_key: str


def route(request: Request, default_region: str) -> Route:
    """Read the credential scope, in the header or a presigned query, and the target, header or path."""
    found = SIGNED.search(request.headers.get("authorization", ""))
    if not found and "X-Amz-Credential=" in request.query:
        found = PRESIGNED.search(unquote(request.query))
    access_key, _, region, signed_for = found.groups() if found else ("", "", default_region, "")
    called = RPC.fullmatch(request.path)
    if called and signed_for != "s3":
        prefix, operation = called.groups()
    else:
        prefix, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    service = TARGETS.get(prefix, SCOPES.get(signed_for, signed_for))
    if service == "sagemaker" and not operation and request.path.startswith("/endpoints/"):
        service = "sagemaker-runtime"  # SageMaker's services sign alike
    if service == "s3" and "x-amz-account-id" in request.headers:
        service = "s3control"  # so do S3's
    return Route(service or unsigned(request), operation, region, access_key)


def unsigned(request: Request) -> str:
    """Return "s3", or "" for a request in the form of another service (the ground knows them)."""
    form = request.headers.get("content-type", "").startswith(FORM)
    if request.method == "POST" and request.path == "/" and form:
        return ""
    if "x-amz-target" in request.headers or ACTION.search(request.query):
        return ""
    return "s3"
