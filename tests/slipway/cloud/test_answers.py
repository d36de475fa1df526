"""Our answers against AWS's own model: what AWS could not have sent is never sent."""

from datetime import UTC, datetime

import pytest

from slipway.cloud.answers import BadAnswer, wire
from slipway.cloud.json_protocol import service_model
from slipway.cloud.sagemaker.service import OPERATIONS
from slipway.cloud.service import ServiceError

SHAPE = service_model("sagemaker").operation_model("DescribeModel").output_shape
GOOD = {"ModelName": "m", "ModelArn": "arn", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC)}


def test_times_become_epoch_seconds_and_none_is_left_out():
    assert wire(SHAPE, {**GOOD, "VpcConfig": None}) == {**GOOD, "CreationTime": 1767225600.0}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Shiny": 1}, "has no member"),
        ({"ModelName": None}, "needs"),
        ({"ModelName": 1}, "expected string"),
        ({"CreationTime": "2026-01-01"}, "expected timestamp"),
        ({"EnableNetworkIsolation": 1}, "expected boolean"),
        ({"PrimaryContainer": {"Mode": "Both"}}, "expected one of"),
        ({"Containers": [{"Image": True}]}, r"Containers\[0\].Image: expected string"),
    ],
)
def test_what_aws_could_not_have_sent_is_our_bug(change, text):
    with pytest.raises(BadAnswer, match=text):
        wire(SHAPE, {**GOOD, **change})


@pytest.fixture
def answering(local, monkeypatch):
    """A client of a cloud whose DescribeModel answers what the test says."""

    def client(answer):
        monkeypatch.setitem(OPERATIONS, "DescribeModel", answer)
        return local.client("sagemaker")

    return client


def test_a_bad_answer_is_an_internal_failure(answering):
    client = answering(lambda call, request: {"Shiny": 1})
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.describe_model(ModelName="m")
    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_refusal_carries_aws_code_message_and_status(answering):
    def refuse(call, request):
        raise ServiceError("ResourceNotFound", "no such thing")

    client = answering(refuse)
    with pytest.raises(client.exceptions.ResourceNotFound, match="no such thing") as caught:
        client.describe_model(ModelName="m")
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == "ResourceNotFound"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_answer_arrives_in_the_clients_types(answering):
    client = answering(lambda call, request: {**GOOD, "ModelName": request["ModelName"]})
    answer = client.describe_model(ModelName="other")
    assert answer["ModelName"] == "other"
    assert answer["CreationTime"] == GOOD["CreationTime"]
    assert answer["ResponseMetadata"]["RequestId"]
