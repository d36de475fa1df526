"""Which service a request means."""

import io

import pytest

from slipway.cloud.router import route
from slipway.cloud.wire import Request

SCOPE = "AKIA/20261121/eu-west-1/{}/aws4_request"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def routed(method="POST", path="/", query="", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    to = route(Request(method, path, query, named, io.BytesIO()), "us-east-1")
    return to.service, to.operation, to.region


def signed(service: str) -> str:
    return f"AWS4-HMAC-SHA256 Credential={SCOPE.format(service)}, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    ("request_", "meant"),
    [
        (dict(authorization=signed("sagemaker"), x_amz_target="SageMaker.ListModels"),
         ("sagemaker", "ListModels", "eu-west-1")),
        (dict(authorization=signed("s3"), method="PUT", path="/b/k"), ("s3", "", "eu-west-1")),
        (dict(authorization=signed("iam"), content_type=FORM), ("iam", "", "eu-west-1")),
        (dict(method="GET", path="/b/k",
              query="X-Amz-Credential=" + SCOPE.format("s3").replace("/", "%2F")),
         ("s3", "", "eu-west-1")),
        (dict(method="PUT", path="/b/k", query="AWSAccessKeyId=a&Signature=b", content_type=FORM),
         ("s3", "", "us-east-1")),
        (dict(authorization=signed("sagemaker"), path="/endpoints/e/invocations"),
         ("sagemaker-runtime", "", "eu-west-1")),
        (dict(authorization=signed("s3"), path="/endpoints/e/invocations"), ("s3", "", "eu-west-1")),
        (dict(method="GET", path="/b/k"), ("s3", "", "us-east-1")),
        (dict(content_type=FORM), ("", "", "us-east-1")),
        (dict(method="GET", query="Action=AssumeRoleWithSAML&Version=1"), ("", "", "us-east-1")),
        (dict(x_amz_target="SageMaker.ListModels"), ("sagemaker", "ListModels", "us-east-1")),
    ],
)  # fmt: skip
def test_a_request_goes_to_its_service(request_, meant):
    assert routed(**request_) == meant
