"""InvokeEndpointAsync on a cloud in a process of its own: results, failures, notices, and its death."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from endpoints import Endpoints, variant

OUT, BAD = "s3://results/out", "s3://results/bad/"
TOPICS = ("good", "bad")


class Async:
    """Asynchronous endpoints of a cloud, and what they leave in S3 and in a queue."""

    def __init__(self, cloud):
        self.cloud, self.endpoints = cloud, Endpoints(cloud)
        self.connect()
        self.s3.create_bucket(Bucket="results")

    def connect(self):
        self.runtime, self.s3 = self.cloud.client("sagemaker-runtime"), self.cloud.client("s3")

    def subscribe(self):
        """Have queues get what topics get; return the configuration of notices."""
        sns, self.sqs, topics, self.queues = (
            self.cloud.client("sns"),
            self.cloud.client("sqs"),
            {},
            {},
        )
        for name in TOPICS:
            topics[name] = sns.create_topic(Name=name)["TopicArn"]
            self.queues[name] = self.sqs.create_queue(QueueName=name)["QueueUrl"]
            arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
            sns.subscribe(TopicArn=topics[name], Protocol="sqs", Endpoint=arn)
        included = ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"]
        names = {"SuccessTopic": topics["good"], "ErrorTopic": topics["bad"]}
        return {"NotificationConfig": names | {"IncludeInferenceResponseIn": included}}

    def create(self, name, most=2, **output):
        config = {"OutputConfig": {"S3OutputPath": OUT, "S3FailurePath": BAD} | output}
        config["ClientConfig"] = {"MaxConcurrentInvocationsPerInstance": most}
        model = self.endpoints.model(name)
        self.endpoints.create(name, variant(model), AsyncInferenceConfig=config)
        found = self.endpoints.settled(name)
        assert found["EndpointStatus"] == "InService", found

    def ask(self, name, body=None, **members):
        if body is not None:
            members["Body"] = body
        return self.runtime.invoke_endpoint_async(EndpointName=name, **members)

    def object(self, uri, seconds=20):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        end = time.monotonic() + seconds
        while True:
            try:
                return self.s3.get_object(Bucket=bucket, Key=key)
            except self.s3.exceptions.NoSuchKey:
                assert time.monotonic() < end, uri
                time.sleep(0.02)

    def test_notices(self, topic):
        """Return how many times a topic was told that it is used."""
        found = self.sqs.receive_message(QueueUrl=self.queues[topic], MaxNumberOfMessages=10)
        told = [json.loads(json.loads(each["Body"])["Message"]) for each in found["Messages"]]
        test = {"eventVersion": "1.0", "eventSource": "aws:sagemaker"}
        return told.count(test | {"eventName": "TestNotification"})

    def notice(self, topic, inference_id, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.sqs.receive_message(QueueUrl=self.queues[topic], MaxNumberOfMessages=10)
            for message in found.get("Messages", []):
                notice = json.loads(json.loads(message["Body"])["Message"])
                if notice.get("inferenceId") == inference_id:
                    return notice
        raise AssertionError(inference_id)


@pytest.fixture(scope="module")
def later(cloud):
    made = Async(cloud)
    made.create("Later", **made.subscribe())
    yield made
    made.endpoints.sm.delete_endpoint(EndpointName="Later")


def test_topics_are_tried_when_an_endpoint_is_made(later):
    assert [later.test_notices(topic) for topic in TOPICS] == [1, 1]
    nowhere = "arn:aws:sns:us-east-1:123456789012:nowhere"
    with pytest.raises(ClientError) as caught:
        later.create("Mute", NotificationConfig={"SuccessTopic": nowhere})
    assert f"Could not publish to the topic {nowhere}" in str(caught.value)


def test_a_payload_in_s3_becomes_a_result_in_s3_and_a_notice(later):
    later.s3.put_object(Bucket="results", Key="in.txt", Body=b"x")
    where = "s3://results/in.txt"
    answer = later.ask("Later", InputLocation=where, InferenceId="one", ContentType="text/csv")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "one"
    assert answer["OutputLocation"] == OUT + "/one.out"
    assert answer["FailureLocation"] == BAD + "one-error.out"
    found = later.object(answer["OutputLocation"])
    assert (found["Body"].read(), found["ContentType"]) == (b"echo", "text/plain")
    notice = later.notice("good", "one")
    assert notice.pop("eventTime").endswith("Z") and notice.pop("receivedTime").endswith("Z")
    assert notice == {
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "contentType": "text/csv", "endpointName": "Later", "inputLocation": where,
        },
        "responseParameters": {"contentType": "text/plain", "outputLocation": OUT + "/one.out"},
        "responseBody": {"content": "ZWNobw==", "encoding": "BASE64"},
        "inferenceId": "one", "eventVersion": "1.0", "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }  # fmt: skip


def test_a_body_of_its_own_and_names_that_the_caller_chooses(later):
    answer = later.ask("Later", b"headers", S3OutputPathExtension="a/b", Filename="r.json")
    assert answer["OutputLocation"] == OUT + "/a/b/r.json"
    headers = json.loads(later.object(answer["OutputLocation"])["Body"].read())
    assert headers["X-Amzn-SageMaker-Inference-Id"] == answer["InferenceId"]


def test_what_the_model_refuses_becomes_a_failure_in_s3_and_a_notice(later):
    answer = later.ask("Later", b"status 500")
    sentence = later.object(answer["FailureLocation"])["Body"].read().decode()
    assert sentence.startswith('Received server error (500) from primary with message "why". See ')
    notice = later.notice("bad", answer["InferenceId"])
    assert notice["invocationStatus"] == "Failed"
    assert "responseParameters" not in notice
    assert notice["responseBody"] == {"content": "d2h5", "encoding": "BASE64"}
    assert notice["failureReason"] == (
        "ClientError: Received server error (500) from model. See the SageMaker Endpoint logs in your "
        "account for more information."
    )


@pytest.mark.parametrize(
    ("request_", "text"),
    [({"InputLocation": "s3://results/none"}, "there is no object s3://results/none"),
     ({"InputLocation": "s3://nowhere/none"}, "there is no bucket nowhere"),
     ({"Body": b"stream 1"}, "from container primary did not specify the required Content-Length")],
)  # fmt: skip
def test_what_cannot_be_done_says_why(later, request_, text):
    answer = later.ask("Later", **request_)
    assert text in later.object(answer["FailureLocation"])["Body"].read().decode()


@pytest.mark.parametrize(
    ("request_", "text"),
    [({}, "exactly one of InputLocation and Body"),
     ({"Body": b"x", "InputLocation": "s3://a/b"}, "exactly one of InputLocation and Body"),
     ({"Body": b"x" * 128_001}, "has oversize body."),
     ({"InputLocation": "https://a/b"}, "The local cloud does not support InputLocation https://a/b")],
)  # fmt: skip
def test_what_cannot_be_accepted_is_refused_at_once(later, request_, text):
    with pytest.raises(ClientError) as caught:
        later.ask("Later", **request_)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert text in str(caught.value)


def test_the_data_log_has_a_line_for_each_request(later):
    answer = later.ask("Later", b"x", InferenceId="logged")
    later.object(answer["OutputLocation"])
    later.notice("good", "logged")
    logs = later.cloud.client("logs")
    group = "/aws/sagemaker/Endpoints/Later"
    streams = [
        each["logStreamName"]
        for each in logs.describe_log_streams(logGroupName=group)["logStreams"]
    ]
    (name,) = [each for each in streams if each.endswith("/data-log")]
    assert name.startswith("AllTraffic/i-")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        events = logs.get_log_events(logGroupName=group, logStreamName=name)["events"]
        found = [each["message"] for each in events if "[logged]" in each["message"]]
        if found:
            break
    assert ":[sagemaker logs] [logged] Inference request succeeded. ModelLatency: " in found[0]


def test_what_was_accepted_outlives_the_cloud(own_cloud):
    made = Async(own_cloud)
    made.create("Later", most=1)
    answers = [made.ask("Later", b"sleep 0.1") for _ in range(6)]
    made.object(answers[0]["OutputLocation"])
    own_cloud.kill()
    own_cloud.start()
    made.connect()
    for answer in answers:
        assert made.object(answer["OutputLocation"], 30)["Body"].read() == b"slept"
