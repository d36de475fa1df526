"""An endpoint with data capture, from boto3's requests to the lines in S3."""

import base64
import json
from datetime import datetime

import pytest

from endpoints import Endpoints, variant

CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://endpoint-captures/of",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
}


@pytest.fixture(scope="module")
def lines(cloud):
    """What an endpoint captured, by variant, once it is deleted."""
    endpoints = Endpoints(cloud)
    endpoints.model("captures")
    s3, runtime = cloud.client("s3"), cloud.client("sagemaker-runtime")
    s3.create_bucket(Bucket="endpoint-captures")
    shadow = {"ShadowProductionVariants": [variant("captures", "Shadow")]}
    endpoints.create("captures", variant("captures"), DataCaptureConfig=CAPTURE, **shadow)
    assert endpoints.settled("captures")["EndpointStatus"] == "InService"

    def ask(body, **more):
        runtime.invoke_endpoint(EndpointName="captures", Body=body, **more)

    ask(b"one,1", ContentType="text/csv", InferenceId="i-1", CustomAttributes="trace=7")
    for number in range(20):
        ask(b"%d" % number, ContentType="application/x-npy")
    with pytest.raises(runtime.exceptions.ModelError):
        ask(b"status 500")
    endpoints.sm.delete_endpoint(EndpointName="captures")
    endpoints.gone("captures")
    found = {}
    for each in s3.list_objects_v2(Bucket="endpoint-captures")["Contents"]:
        content = s3.get_object(Bucket="endpoint-captures", Key=each["Key"])["Body"].read()
        _, endpoint, name, *when, file = each["Key"].split("/")
        assert endpoint == "captures"
        assert datetime.strptime("/".join(when), "%Y/%m/%d/%H")
        assert file.endswith(".jsonl")
        found.setdefault(name, []).extend(map(json.loads, content.splitlines()))
    return found


def test_every_answered_request_is_a_line_and_a_failed_one_is_none(lines):
    bodies = [each["captureData"]["endpointInput"] for each in lines["AllTraffic"]]
    assert bodies[0] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "one,1",
        "encoding": "CSV",
    }
    assert [base64.b64decode(each["data"]) for each in bodies[1:]] == [b"%d" % n for n in range(20)]
    assert {each["encoding"] for each in bodies[1:]} == {"BASE64"}


def test_what_the_caller_sent_along_is_there_and_nothing_else(lines):
    first, second, *_ = (each["eventMetadata"] for each in lines["AllTraffic"])
    assert (first["inferenceId"], first["customAttributes"]) == ("i-1", ["trace=7"])
    assert set(second) == {"eventId", "inferenceTime"}


def test_the_shadow_variant_is_captured_too(lines):
    assert 0 < len(lines["Shadow"]) <= 21  # copies that were on their way may go with the endpoint
