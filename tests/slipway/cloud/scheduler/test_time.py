"""Schedules, rules and alarms when the clock is moved."""

import json
import time
import urllib.request
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

ACCOUNT, REGION = "123456789012", "us-east-1"


def advance(cloud, **span):
    request = urllib.request.Request(
        f"{cloud.endpoint}/_slipway/clock",
        json.dumps({"advance": timedelta(**span).total_seconds()}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return datetime.fromisoformat(json.load(answer)["time"])


def take(cloud, url, count):
    sqs, end, found = cloud.client("sqs"), time.monotonic() + 20, []
    while len(found) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} came"
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(0.01)
    return found


@pytest.fixture
def queue(own_cloud):
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    allow = {"Effect": "Allow", "Action": "sqs:*", "Resource": arn,
             "Principal": {"Service": "events.amazonaws.com"}}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    url = own_cloud.client("sqs").create_queue(QueueName="q", Attributes={"Policy": policy})[
        "QueueUrl"
    ]
    return arn, url


def role(cloud):
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    return cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)["Role"][
        "Arn"
    ]


def test_a_day_passes(own_cloud, queue):
    arn, url = queue
    events, scheduler = own_cloud.client("events"), own_cloud.client("scheduler")
    begin = datetime.now(UTC)
    events.put_rule(Name="hourly", ScheduleExpression="cron(0 * * * ? *)")
    events.put_rule(Name="off", ScheduleExpression="rate(1 minute)", State="DISABLED")
    for name in ("hourly", "off"):
        events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    events.put_rule(Name="own", EventPattern='{"source": ["scheduled"]}')
    events.put_targets(Rule="own", Targets=[{"Id": "q", "Arn": arn}])
    who = role(own_cloud)
    night = (
        (begin + timedelta(hours=6)).astimezone(ZoneInfo("Asia/Tokyo")).replace(minute=30, second=0)
    )
    soon = (begin + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:00")
    bus = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    message = {"QueueUrl": url, "MessageBody": '{"name": "universal"}'}
    for name, expression, target in (
        ("nightly", f"cron(30 {night.hour} * * ? *)", {"Arn": arn, "Input":
            '{"name": "nightly", "at": "<aws.scheduler.scheduled-time>", "n": <aws.scheduler.attempt-number>}'}),
        ("once", f"at({soon})", {"Arn": bus, "Input": '{"name": "once"}',
            "EventBridgeParameters": {"DetailType": "x", "Source": "scheduled"}}),
        ("universal", f"at({soon})", {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
            "Input": json.dumps(message)}),
        ("flexible", "rate(12 hours)", {"Arn": arn, "Input": '{"name": "flexible"}'}),
        ("plain", "rate(20 hours)", {"Arn": arn}),
    ):  # fmt: skip
        window = (
            {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
            if name == "flexible"
            else {"Mode": "OFF"}
        )
        scheduler.create_schedule(
            Name=name,
            ScheduleExpression=expression,
            ScheduleExpressionTimezone="UTC" if name in ("once", "universal") else "Asia/Tokyo",
            FlexibleTimeWindow=window,
            ActionAfterCompletion="DELETE",
            Target=target | {"RoleArn": who},
        )
    end = advance(own_cloud, days=1, minutes=40)
    first = begin.replace(minute=0, second=0, microsecond=0)
    hours = [first + timedelta(hours=n) for n in range(1, 26)]
    hours = [f"{hour:%Y-%m-%dT%H:%M:%SZ}" for hour in hours if hour <= end]
    found = defaultdict(list)
    for message in take(own_cloud, url, len(hours) + 6):
        detail = message.get("detail")
        found[
            message.get("name") or (detail or {}).get("name") if detail != "{}" else "plain"
        ].append(message)
    hourly = [event["time"] for event in found.pop(None)]
    assert hourly == hours  # each once, in order
    (nightly,) = found["nightly"]
    assert nightly == {
        "name": "nightly",
        "at": f"{night.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "n": 1,
    }
    counts = {name: len(each) for name, each in found.items()}
    assert counts == {"nightly": 1, "once": 1, "universal": 1, "plain": 1, "flexible": 2}
    assert found["plain"][0]["source"] == "aws.scheduler"
    left = {each["Name"] for each in scheduler.list_schedules()["Schedules"]}
    assert left == {"nightly", "flexible", "plain"}  # what is complete is gone
    own_cloud.kill()
    own_cloud.start()
    advance(own_cloud, hours=1)
    (following,) = take(own_cloud, url, 1)
    assert following["time"] > hourly[-1]


def test_alarms_see_the_periods_that_pass(own_cloud, queue):
    arn, url = queue
    cloudwatch, events = own_cloud.client("cloudwatch"), own_cloud.client("events")
    cloudwatch.put_metric_alarm(
        AlarmName="a", Namespace="N", MetricName="m", Statistic="Sum", Period=300, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
    )  # fmt: skip
    cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 5}])
    events.put_rule(Name="alarms", EventPattern='{"source": ["aws.cloudwatch"]}')
    events.put_targets(
        Rule="alarms", Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail.state"}]
    )
    began = advance(own_cloud, seconds=0)
    advance(own_cloud, hours=2)
    states = [event for event in take(own_cloud, url, 2) if event["value"] != "INSUFFICIENT_DATA"]
    while states[-1]["value"] != "OK" or states[-1] is states[0]:
        states += take(own_cloud, url, 1)
    values = [event["value"] for event in states]
    assert values[-2:] == ["ALARM", "OK"]
    alarmed = datetime.strptime(states[-2]["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert timedelta(0) < alarmed - began < timedelta(minutes=6)  # not after two hours
