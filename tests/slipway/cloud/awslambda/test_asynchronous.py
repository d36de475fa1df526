"""Events that nobody waits for: handled once they are accepted, tried again, told of at the end."""

import contextlib
import json
import time
import urllib.request
from pathlib import Path

import pytest

from functions import made

FACTOR = "0.002"  # times AWS's pauses: the second attempt comes after an eighth of a second


@pytest.fixture(scope="module")
def quick(cloud, tmp_path_factory):
    """A cloud that tries again soon."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SLIPWAY_LAMBDA_RETRY_FACTOR", FACTOR)
        own = type(cloud)(tmp_path_factory.mktemp("quick"))
        yield own
        own.stop()


def queue(cloud, name):
    """Make a queue; return its ARN."""
    cloud.client("sqs").create_queue(QueueName=name)
    return f"arn:aws:sqs:us-east-1:123456789012:{name}"


def received(cloud, name, seconds=10):
    """Return the next message of a queue."""
    sqs, until = cloud.client("sqs"), time.monotonic() + seconds
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    while time.monotonic() < until:
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return message
        time.sleep(0.05)
    raise AssertionError(f"nothing came to {name}")


def sent(cloud, name, event, **more):
    """Invoke a function without waiting for it."""
    answer = cloud.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps(event), **more
    )
    assert answer["StatusCode"] == 202
    return answer["ResponseMetadata"]["RequestId"]


def advance(cloud, seconds):
    """Move the clock."""
    request = urllib.request.Request(
        f"{cloud.endpoint}/_slipway/clock",
        json.dumps({"advance": seconds}).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


FAILS = """
    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        if event["fail"] >= calls:
            raise ValueError(f"call {calls}")
        return {"calls": calls}
"""


def test_a_success_is_told_to_its_destination(quick):
    made(quick, "async-good", FAILS)
    quick.client("lambda").put_function_event_invoke_config(
        FunctionName="async-good",
        DestinationConfig={"OnSuccess": {"Destination": queue(quick, "async-good")}},
    )
    request = sent(quick, "async-good", {"fail": 1})
    record = json.loads(received(quick, "async-good")["Body"])
    assert record["requestContext"] == {
        "requestId": request,
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:async-good:$LATEST",
        "condition": "Success",
        "approximateInvokeCount": 2,
    }
    assert record["requestPayload"] == {"fail": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == {"calls": 2}


def test_what_fails_three_times_is_told_and_is_a_dead_letter(quick):
    letters = {"TargetArn": queue(quick, "async-dead")}
    made(quick, "async-bad", FAILS, DeadLetterConfig=letters)
    quick.client("lambda").put_function_event_invoke_config(
        FunctionName="async-bad",
        DestinationConfig={"OnFailure": {"Destination": queue(quick, "async-bad")}},
    )
    request = sent(quick, "async-bad", {"fail": 9})
    record = json.loads(received(quick, "async-bad")["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "call 3"
    letter = received(quick, "async-dead")
    assert json.loads(letter["Body"]) == {"fail": 9}
    said = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert said == {"RequestID": request, "ErrorCode": "200", "ErrorMessage": "call 3"}


TARGETS = """
    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(
            QueueUrl=boto3.client("sqs").get_queue_url(QueueName="async-other")["QueueUrl"],
            MessageBody=event["requestContext"]["condition"],
        )
"""


def test_a_function_and_a_bucket_are_destinations_too(quick):
    queue(quick, "async-other")
    quick.client("s3").create_bucket(Bucket="async-records")
    other = made(quick, "async-other", TARGETS, Timeout=30)
    made(quick, "async-told", FAILS)
    client = quick.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName="async-told",
        MaximumRetryAttempts=0,
        DestinationConfig={
            "OnSuccess": {"Destination": other},
            "OnFailure": {"Destination": "arn:aws:s3:::async-records"},
        },
    )
    sent(quick, "async-told", {"fail": 1})
    sent(quick, "async-told", {"fail": 0})
    assert received(quick, "async-other")["Body"] == "Success"
    s3, until = quick.client("s3"), time.monotonic() + 10
    while not (found := s3.list_objects_v2(Bucket="async-records").get("Contents")):
        assert time.monotonic() < until
    key = found[0]["Key"]
    assert key.startswith("aws/lambda/async/async-told/")
    record = json.loads(s3.get_object(Bucket="async-records", Key=key)["Body"].read())
    assert record["requestContext"]["approximateInvokeCount"] == 1


def test_what_cannot_be_told_is_counted(quick):
    nowhere = "arn:aws:sqs:us-east-1:123456789012:async-nowhere"
    made(quick, "async-lost", FAILS, DeadLetterConfig={"TargetArn": nowhere})
    made(quick, "async-dropped", FAILS)
    for name in ("async-lost", "async-dropped"):
        sent(quick, name, {"fail": 9})
    of = {"async-lost": "DeadLetterErrors", "async-dropped": "AsyncEventsDropped"}
    cloudwatch, until = quick.client("cloudwatch"), time.monotonic() + 20
    for name, metric in of.items():
        while True:
            found = cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName=metric,
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=time.time() - 600,
                EndTime=time.time() + 600,
                Period=3600,
                Statistics=["Sum"],
            )["Datapoints"]
            if sum(point["Sum"] for point in found):
                break
            assert time.monotonic() < until, metric
            time.sleep(0.1)


def test_an_event_without_a_place_waits_for_one(quick):
    letters = queue(quick, "async-waits")
    made(quick, "async-waits", FAILS)
    client = quick.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName="async-waits", DestinationConfig={"OnSuccess": {"Destination": letters}}
    )
    client.put_function_concurrency(FunctionName="async-waits", ReservedConcurrentExecutions=0)
    sent(quick, "async-waits", {"fail": 0})
    time.sleep(0.2)
    client.delete_function_concurrency(FunctionName="async-waits")
    record = json.loads(received(quick, "async-waits")["Body"])
    assert record["requestContext"]["approximateInvokeCount"] == 1


TWICE = """
    import boto3, time

    def handler(event, context):
        s3 = boto3.client("s3")
        first = "Contents" not in s3.list_objects_v2(Bucket="async-twice")
        s3.put_object(Bucket="async-twice", Key="first" if first else "second")
        if first:
            time.sleep(100)
"""


def supervisors(cloud):
    """Return the processes that hold functions of a cloud."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(file.read_bytes())
    return [line for line in lines if f"{cloud.home}/lambda/environments".encode() in line]


def test_a_killed_cloud_loses_no_event_and_no_function(quick):
    s3 = quick.client("s3")
    s3.create_bucket(Bucket="async-twice")
    made(quick, "async-twice", TWICE, Timeout=120)
    sent(quick, "async-twice", {})
    before = quick.client("lambda").list_functions(FunctionVersion="ALL")["Functions"]
    for key in ("first", "second"):
        until = time.monotonic() + 20
        while key not in [
            o["Key"] for o in s3.list_objects_v2(Bucket="async-twice").get("Contents", [])
        ]:
            assert time.monotonic() < until
            time.sleep(0.05)
        if key == "first":
            assert supervisors(quick)
            quick.kill()
            while supervisors(quick):
                assert time.monotonic() < until
            quick.start()
            s3 = quick.client("s3")
    assert quick.client("lambda").list_functions(FunctionVersion="ALL")["Functions"] == before


def test_moving_the_clock_ends_the_window_of_a_batch(quick):
    made(quick, "async-window", FAILS)
    client, sqs = quick.client("lambda"), quick.client("sqs")
    source = queue(quick, "async-window")
    url = sqs.get_queue_url(QueueName="async-window")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "900"})
    mapping = client.create_event_source_mapping(
        EventSourceArn=source, FunctionName="async-window", MaximumBatchingWindowInSeconds=300
    )["UUID"]
    sqs.send_message(QueueUrl=url, MessageBody="one")

    def result():
        return client.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]

    time.sleep(0.5)
    assert result() == "No records processed"
    advance(quick, 300)
    until = time.monotonic() + 10
    while result() == "No records processed":
        assert time.monotonic() < until


SLOW = """
    import time

    def handler(event, context):
        time.sleep(0.2)
        if event["fail"]:
            raise ValueError("bad")
"""


def test_moving_the_clock_takes_no_attempt_from_events_that_wait(quick):
    made(quick, "async-moved", SLOW)
    to = {"Destination": queue(quick, "async-moved")}
    quick.client("lambda").put_function_event_invoke_config(
        FunctionName="async-moved", DestinationConfig={"OnSuccess": to, "OnFailure": to}
    )
    for number in range(12):
        sent(quick, "async-moved", {"fail": number == 0})
    advance(quick, 8 * 3600)  # events live for six hours
    found = [json.loads(received(quick, "async-moved")["Body"]) for _ in range(12)]
    said = [record["requestContext"] for record in found]
    ends = sorted((of["condition"], of["approximateInvokeCount"]) for of in said)
    assert ends == [("RetriesExhausted", 3)] + 11 * [("Success", 1)]
