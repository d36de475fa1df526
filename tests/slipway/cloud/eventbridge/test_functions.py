"""Functions that events, messages of topics and alarms invoke, where their policy allows it."""

import http.server
import json
import threading
import time

import pytest

from functions import made

REGION, ACCOUNT = "us-east-1", "123456789012"
CODE = """
import json
def handler(event, context):
    print("GOT " + json.dumps(event))
"""


@pytest.fixture(scope="module")
def function(cloud):
    return made(cloud, "events-heard", CODE)


@pytest.fixture(scope="module")
def deaf(cloud):
    return made(cloud, "events-deaf", CODE)


def allow(cloud, service, source, sid):
    cloud.client("lambda").add_permission(
        FunctionName="events-heard",
        StatementId=sid,
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source,
    )


def got(cloud, wanted, name="events-heard", timeout=20):
    """Return the first event of a function that is wanted."""
    logs, end = cloud.client("logs"), time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            found = []
        for line in found:
            if line["message"].startswith("GOT "):
                event = json.loads(line["message"][4:])
                if wanted(event):
                    return event
        time.sleep(0.1)
    raise AssertionError("the function was not invoked")


def letters(cloud, name, service):
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:*",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = cloud.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})[
        "QueueUrl"
    ]
    return arn, url


def first(cloud, url):
    sqs, end = cloud.client("sqs"), time.monotonic() + 15
    while time.monotonic() < end:
        found = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no message came")


def test_a_rule_invokes_the_function_whose_policy_names_it(cloud, function, deaf):
    events = cloud.client("events")
    arn = events.put_rule(Name="heard", EventPattern='{"source": ["heard"]}')["RuleArn"]
    allow(cloud, "events.amazonaws.com", arn, "rule")
    dead, url = letters(cloud, "events-heard-dlq", "events.amazonaws.com")
    events.put_targets(
        Rule="heard",
        Targets=[
            {"Id": "yes", "Arn": function},
            {"Id": "no", "Arn": deaf, "DeadLetterConfig": {"Arn": dead}},
        ],
    )
    events.put_events(Entries=[{"Source": "heard", "DetailType": "x", "Detail": '{"n": 5}'}])
    assert got(cloud, lambda e: e.get("source") == "heard")["detail"] == {"n": 5}
    attributes = first(cloud, url)["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert attributes["TARGET_ARN"]["StringValue"] == deaf


def test_a_topic_invokes_a_function_and_posts_to_an_address(cloud, function, deaf):
    posted = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.headers["x-amz-sns-message-type"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="events-heard")["TopicArn"]
    allow(cloud, "sns.amazonaws.com", topic, "topic")
    dead, url = letters(cloud, "events-topic-dlq", "sns.amazonaws.com")
    only = {"FilterPolicy": json.dumps({"kind": ["good"]})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function, Attributes=only)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=deaf, Attributes=redrive)
    sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_port}/"
    )
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    for kind in ("bad", "good"):
        sns.publish(
            TopicArn=topic,
            Subject="s",
            Message=f"{kind} news",
            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
        )
    (record,) = got(cloud, lambda e: "Records" in e)["Records"]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("good news", "s")
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "good"}}
    assert first(cloud, url)["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    end = time.monotonic() + 10
    mail, log = "email to ops@example.com", cloud.home / "cloud.log"
    while (len(posted) < 2 or mail not in log.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    assert [(kind, each["Message"]) for kind, each in posted] == [
        ("Notification", "bad news"),
        ("Notification", "good news"),
    ]
    assert mail in log.read_text()
    server.shutdown()


def test_an_alarm_invokes_a_function(cloud, function):
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="events-heard", AlarmActions=[function], Namespace="Heard", MetricName="m",
        Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:events-heard"
    allow(cloud, "lambda.alarms.cloudwatch.amazonaws.com", arn, "alarm")
    cloudwatch.set_alarm_state(AlarmName="events-heard", StateValue="ALARM", StateReason="a test")
    event = got(cloud, lambda e: e.get("alarmArn") == arn)
    assert event["source"] == "aws.cloudwatch"
    data = event["alarmData"]
    assert (data["alarmName"], data["state"]["value"]) == ("events-heard", "ALARM")
    assert data["state"]["reason"] == "a test"
    assert data["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert data["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == "m"
    told = cloudwatch.describe_alarm_history(AlarmName="events-heard", HistoryItemType="Action")
    assert (
        f"Successfully executed action {function}" in told["AlarmHistoryItems"][0]["HistorySummary"]
    )
