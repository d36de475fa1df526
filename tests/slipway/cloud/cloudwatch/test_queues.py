"""The metrics of queues, and the alarm of the platform's dead letters, by a clock that is moved."""

import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from functions import made

SNAPSHOT = Path(__file__).parents[3] / "infra" / "snapshots" / "minimal" / "operations.yaml"
ARN = "arn:aws:sqs:us-east-1:123456789012"


def advance(cloud, seconds):
    """Move the clock; return what time it is then."""
    request = urllib.request.Request(
        f"{cloud.endpoint}/_slipway/clock",
        json.dumps({"advance": seconds}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return datetime.fromisoformat(json.load(answer)["time"]).timestamp()


def to_the_minute(cloud):
    """Move the clock to a few seconds after a minute has begun; return when that was."""
    at = advance(cloud, 0)
    return advance(cloud, 63 - at % 60) // 60 * 60


def queue(cloud, name, **attributes):
    return cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def said(cloud, name, start, minutes, statistic="Maximum"):
    """Return what each metric of a queue is in minutes, by name; None where it says nothing."""
    cloudwatch, found = cloud.client("cloudwatch"), {}
    dimensions = [{"Name": "QueueName", "Value": name}]
    listed = cloudwatch.list_metrics(Namespace="AWS/SQS", Dimensions=dimensions)["Metrics"]
    for metric in sorted(each["MetricName"] for each in listed):
        answer = cloudwatch.get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=metric,
            Dimensions=dimensions,
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(start + 60 * minutes, UTC),
            Period=60,
            Statistics=[statistic],
        )
        points = {each["Timestamp"].timestamp(): each[statistic] for each in answer["Datapoints"]}
        found[metric] = [points.get(start + 60 * minute) for minute in range(minutes)]
    return found


def test_what_is_done_with_messages_and_what_is_in_the_queue(files_cloud):
    sqs, start = files_cloud.client("sqs"), to_the_minute(files_cloud)
    url = queue(files_cloud, "counted", VisibilityTimeout="90")
    sent = [("abc", 0), ("abcde", 0), ("later", 200)]
    entries = [{"Id": body, "MessageBody": body, "DelaySeconds": delay} for body, delay in sent]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    advance(files_cloud, 60)
    assert sqs.receive_message(QueueUrl=url)["Messages"]  # seen again 90 seconds later
    advance(files_cloud, 120)
    (second,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    advance(files_cloud, 60)
    found = said(files_cloud, "counted", start, 4)
    ages = found.pop("ApproximateAgeOfOldestMessage")
    assert 0 < ages[0] <= 60
    assert [new - old for old, new in pairwise(ages)] == pytest.approx([60, 60, 60], abs=1)
    assert found == {
        "ApproximateNumberOfMessagesDelayed": [1, 1, 1, None],
        "ApproximateNumberOfMessagesNotVisible": [None, 1, None, None],
        "ApproximateNumberOfMessagesVisible": [2, 1, 2, 2],
        "NumberOfMessagesDeleted": [0, 0, 0, 1],
        "NumberOfMessagesReceived": [0, 1, 0, 1],
        "NumberOfMessagesSent": [1, 0, 0, 0],
        "SentMessageSize": [5, None, None, None],
    }  # fmt: skip
    sums = said(files_cloud, "counted", start, 4, "Sum")
    assert (sums["NumberOfMessagesSent"][0], sums["SentMessageSize"][0]) == (3, 13)


def test_a_queue_that_is_empty_and_nobody_asks_for_falls_silent(files_cloud):
    start = to_the_minute(files_cloud)
    url = queue(files_cloud, "silent")
    held = queue(files_cloud, "held")
    files_cloud.client("sqs").send_message(QueueUrl=held, MessageBody="x")
    assert "Messages" not in files_cloud.client("sqs").receive_message(QueueUrl=url)
    advance(files_cloud, timedelta(hours=7).total_seconds())
    found = said(files_cloud, "silent", start, 7 * 60)
    assert found["NumberOfEmptyReceives"][:2] == [1, None]
    visible = found["ApproximateNumberOfMessagesVisible"]
    assert visible == [0] * 360 + [None] * 60
    assert said(files_cloud, "held", start, 420)["ApproximateNumberOfMessagesVisible"] == [1] * 420


def platforms_alarm():
    """Return the alarm of a dead-letter queue as the platform has it, of the queue `Dead`."""
    alarms = yaml.safe_load(SNAPSHOT.read_text())["Resources"]
    (alarm,) = (of for name, of in alarms.items() if name.startswith("LandedDeadLettersFilled"))
    for actions in ("AlarmActions", "OKActions"):
        alarm["Properties"][actions] = [{"Ref": "Topic"}]
    alarm["Properties"]["Dimensions"][0]["Value"] = {"Fn::GetAtt": ["Dead", "QueueName"]}
    return alarm


def test_the_platforms_alarm_rings_for_a_poison_message_until_the_queue_is_purged(files_cloud):
    sqs, cloudwatch = files_cloud.client("sqs"), files_cloud.client("cloudwatch")
    resources = {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Alarm": platforms_alarm(),
    }
    template = json.dumps({"Resources": resources})
    files_cloud.client("cloudformation").create_stack(StackName="alarm", TemplateBody=template)
    redrive = json.dumps({"deadLetterTargetArn": f"{ARN}:dead", "maxReceiveCount": 1})
    url = queue(files_cloud, "poisoned", RedrivePolicy=redrive, VisibilityTimeout="30")
    made(files_cloud, "poisoned", "def handler(event, context): raise ValueError", Timeout=10)
    mapping = files_cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=f"{ARN}:poisoned", FunctionName="poisoned"
    )["UUID"]

    def state():
        return cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]

    def wait_until(holds):
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.02)

    advance(files_cloud, 60)
    assert state() == "OK"
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    asked = files_cloud.client("lambda").get_event_source_mapping
    wait_until(lambda: "failed" in asked(UUID=mapping)["LastProcessingResult"])
    advance(files_cloud, 30)  # it can be received again, once too often
    dead = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    wait_until(lambda: waiting(sqs, dead) == 1)
    advance(files_cloud, 60)
    assert state() == "ALARM"
    sqs.purge_queue(QueueUrl=dead)
    advance(files_cloud, 120)
    assert state() == "OK"
    metric = "NumberOfMessagesSent"
    assert set(said(files_cloud, "dead", advance(files_cloud, 0) // 60 * 60 - 600, 10)[metric]) <= {
        0,
        None,
    }, "a message that was put aside was not sent"


def waiting(sqs, url):
    names = ["ApproximateNumberOfMessages"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]])
