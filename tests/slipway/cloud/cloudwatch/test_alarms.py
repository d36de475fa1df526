"""Alarms: their states, what they say of them, and what they do. What else CloudWatch has is moto's."""

import itertools
import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from protocols import PROTOCOLS, speaking
from slipway.cloud.cloudwatch import alarms, metrics
from slipway.cloud.cloudwatch.evaluator import evaluate_all
from slipway.cloud.serving import assemble

REGION = "us-east-1"
DIMENSIONS = (("EndpointName", "e"), ("VariantName", "AllTraffic"))
NAMED = [{"Name": name, "Value": value} for name, value in DIMENSIONS]
NOON = 1_800_000_000 // 60 * 60.0
ALARM = {
    "Namespace": "AWS/SageMaker", "MetricName": "Invocation5XXErrors", "Dimensions": NAMED,
    "Statistic": "Average", "Period": 10, "EvaluationPeriods": 2, "DatapointsToAlarm": 1,
    "Threshold": 0.5, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
}  # fmt: skip


HOURS = itertools.count()


class Time:
    """A clock that the test moves."""

    def __init__(self, monkeypatch):
        self.at = NOON + 3600 * next(HOURS)  # each test has an hour of its own
        for module in ("metrics", "evaluator", "transitions", "put_alarms", "history", "get_data"):
            monkeypatch.setattr(f"slipway.cloud.cloudwatch.{module}.now", lambda: self.at)


@pytest.fixture
def time(monkeypatch):
    return Time(monkeypatch)


@pytest.fixture
def local(shared):
    """The cloud that the tests of the file share, with no alarm of the test's afterwards."""
    yield shared
    cloudwatch = shared.client("cloudwatch")
    types = ["MetricAlarm", "CompositeAlarm"]
    found = cloudwatch.describe_alarms(AlarmTypes=types)
    for alarm in (*found["MetricAlarms"], *found["CompositeAlarms"]):
        cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])


def request(cloud, error):
    metrics.record(
        cloud, REGION, "AWS/SageMaker", DIMENSIONS, {"Invocation5XXErrors": (error, "None")}
    )


def told(client, queue):
    """Return what has come into a queue from a topic since the last time."""
    found = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(json.loads(message["Body"])["Message"]) for message in found]


def test_an_alarm_goes_off_tells_its_topic_and_calms_down(local, time):
    cloudwatch = local.client("cloudwatch")
    sns, sqs = local.client("sns"), local.client("sqs")
    topic = sns.create_topic(Name="ops")["TopicArn"]
    queue = sqs.create_queue(QueueName="ops")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:ops")
    events, start = [], time.at
    local.cloud.events.subscribe(events.append)
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        AlarmDescription="too many",
        AlarmActions=[topic],
        OKActions=[topic],
        **ALARM,
    )
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["StateValue"] == alarms.state(local.cloud, REGION, "errors") == "INSUFFICIENT_DATA"
    assert alarm["StateReason"] == "Unchecked: Initial alarm creation"

    evaluate_all(local.cloud)
    assert alarms.state(local.cloud, REGION, "errors") == "OK"
    request(local.cloud, 1)
    request(local.cloud, 1)
    time.at += 10  # the period is whole
    evaluate_all(local.cloud)
    (alarm,) = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    when = datetime.fromtimestamp(start, UTC)
    assert alarm["StateReason"] == (
        f"Threshold Crossed: 1 out of the last 2 datapoints [1.0 ({when:%d/%m/%y %H:%M:%S})] was greater "
        "than the threshold (0.5) and 1 missing datapoint was treated as [NonBreaching] (minimum 1 "
        "datapoint for OK -> ALARM transition)."
    )
    reason = json.loads(alarm["StateReasonData"])
    assert reason["recentDatapoints"] == [1.0]
    assert reason["evaluatedDatapoints"][0]["sampleCount"] == 2
    messages = told(sqs, queue)
    assert [message["NewStateValue"] for message in messages] == ["OK", "ALARM"]
    assert messages[1]["OldStateValue"] == "OK"
    assert messages[1]["NewStateReason"] == alarm["StateReason"]
    assert messages[1]["Region"] == "US East (N. Virginia)"
    assert messages[1]["Trigger"]["Dimensions"][0] == {"value": "e", "name": "EndpointName"}

    time.at += 60
    evaluate_all(local.cloud)
    assert [m["NewStateValue"] for m in told(sqs, queue)] == ["OK"]
    (okay,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert okay["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were "
        "treated as [NonBreaching]."
    )
    kinds = [
        (event.detail["previousState"]["value"], event.detail["state"]["value"]) for event in events
    ]
    assert kinds == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]
    metric = events[1].detail["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric["dimensions"] == dict(DIMENSIONS)
    history = cloudwatch.describe_alarm_history(AlarmName="errors", ScanBy="TimestampAscending")
    assert [item["HistorySummary"] for item in history["AlarmHistoryItems"]] == [
        'Alarm "errors" created',
        "Alarm updated from INSUFFICIENT_DATA to OK", f"Successfully executed action {topic}",
        "Alarm updated from OK to ALARM", f"Successfully executed action {topic}",
        "Alarm updated from ALARM to OK", f"Successfully executed action {topic}",
    ]  # fmt: skip


def test_actions_that_are_switched_off_or_whose_topic_is_gone_harm_nothing(local, time):
    cloudwatch = local.client("cloudwatch")
    gone = f"arn:aws:sns:{REGION}:123456789012:gone"
    cloudwatch.put_metric_alarm(AlarmName="a", AlarmActions=[gone], **ALARM)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="by hand")
    cloudwatch.disable_alarm_actions(AlarmNames=["a"])
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="by hand")
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="by hand")
    history = cloudwatch.describe_alarm_history(AlarmName="a", HistoryItemType="Action")
    (item,) = history["AlarmHistoryItems"]
    assert item["HistorySummary"] == f"Failed to execute action {gone}"
    (alarm,) = cloudwatch.describe_alarms(ActionPrefix="arn:aws:sns")["MetricAlarms"]
    assert (alarm["ActionsEnabled"], alarm["StateReason"]) == (False, "by hand")


def test_an_alarm_on_an_expression(local, time):
    cloudwatch = local.client("cloudwatch")
    metric = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": NAMED,
    }
    stats = [{"Id": name, "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 30, "Stat": stat}}
             for name, stat in (("bad", "Sum"), ("all", "SampleCount"))]  # fmt: skip
    rate = {"Id": "rate", "Expression": "100 * bad / all", "Label": "percent"}
    cloudwatch.put_metric_alarm(
        AlarmName="rate", Metrics=[*stats, rate], EvaluationPeriods=1, Threshold=20,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )  # fmt: skip
    for error in (1, 0, 0, 0):
        request(local.cloud, error)
    time.at += 30
    evaluate_all(local.cloud)
    (alarm,) = cloudwatch.describe_alarms_for_metric(
        **{k: v for k, v in metric.items()}, Period=30
    )["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [25.0]


def test_composite_alarms_follow_their_rule(local, time):
    cloudwatch = local.client("cloudwatch")
    for name in ("a", "b"):
        cloudwatch.put_metric_alarm(AlarmName=name, **ALARM | {"TreatMissingData": "ignore"})
    rule = 'ALARM("a") AND NOT (OK(b) OR FALSE)'
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule=rule)
    cloudwatch.put_composite_alarm(AlarmName="above", AlarmRule='ALARM("both")')

    def states(a, b):
        for name, state in (("a", a), ("b", b)):
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="by hand")
        evaluate_all(local.cloud)
        return [alarms.state(local.cloud, REGION, name) for name in ("both", "above")]

    assert states("OK", "ALARM") == ["OK", "OK"]
    assert states("ALARM", "ALARM") == ["ALARM", "ALARM"]
    (both,) = cloudwatch.describe_alarms(AlarmNames=["both"], AlarmTypes=["CompositeAlarm"])[
        "CompositeAlarms"
    ]
    assert "transitioned to ALARM at" in both["StateReason"]
    assert states("ALARM", "OK") == ["OK", "OK"]
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="both")["MetricAlarms"]
    assert [child["AlarmName"] for child in children] == ["a", "b"]
    assert cloudwatch.describe_alarms(AlarmNames=["both"])["CompositeAlarms"] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Period": 15}, "Period"),
        ({"Period": 60, "EvaluationPeriods": 2000}, "86400"),
        ({"ExtendedStatistic": "p90"}, "Exactly one of Statistic or ExtendedStatistic"),
        ({"TreatMissingData": "zero"}, "TreatMissingData"),
        ({"DatapointsToAlarm": 3}, "DatapointsToAlarm"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "scaling policy"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "normal"),
        ({"Metrics": [{"Id": "m", "Expression": "1"}]}, "cannot both"),
    ],
)
def test_an_alarm_that_could_not_be_evaluated_is_refused(shared, change, says):
    cloudwatch = shared.client("cloudwatch")
    with pytest.raises(ClientError, match="ValidationError") as refused:
        cloudwatch.put_metric_alarm(AlarmName="bad", **ALARM | change)
    assert says in str(refused.value)
    for rule in ('ALARM("none")', "ALARM(", "ALARM(a) ALARM(b)", "MAYBE"):
        with pytest.raises(ClientError, match="ValidationError"):
            cloudwatch.put_composite_alarm(AlarmName="bad", AlarmRule=rule)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_states_and_configuration_survive_a_restart(local):
    cloudwatch = local.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName="a", **ALARM)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="by hand")
    (before,) = cloudwatch.describe_alarms()["MetricAlarms"]
    cloudwatch.put_metric_alarm(AlarmName="a", **ALARM | {"Threshold": 0.75})
    again = assemble(local.cloud.home, "http://localhost:4599")
    assert alarms.state(again, REGION, "a") == "ALARM"
    (after,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert after["Threshold"] == 0.75
    assert after["StateTransitionedTimestamp"] == before["StateTransitionedTimestamp"]
    again.state.close()


def test_what_moto_has_still_passes_on_in_every_protocol(shared):
    body = '{"widgets": []}'
    for protocol in PROTOCOLS:
        client = speaking(shared.client("cloudwatch", "us-west-2"), protocol)
        client.put_dashboard(DashboardName=f"d-{protocol}", DashboardBody=body)
        assert client.get_dashboard(DashboardName=f"d-{protocol}")["DashboardBody"] == body
