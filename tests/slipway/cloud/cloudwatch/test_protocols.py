"""The same calls in the three protocols that clients of CloudWatch speak."""

import gzip
import io
from datetime import UTC, datetime, timedelta

import pytest

from protocols import PROTOCOLS, speaking
from slipway.cloud.wire import Request


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_says_the_same(shared, protocol):
    client = speaking(shared.client("cloudwatch", "eu-west-1"), protocol)
    now = datetime.now(UTC)
    space, name = f"Test/{protocol}", f"alarm {protocol}"
    dimensions = [{"Name": "a", "Value": "b"}]
    datum = {"MetricName": "m", "Dimensions": dimensions, "Values": [1.5, 2.5], "Timestamp": now}
    client.put_metric_data(Namespace=space, MetricData=[datum])
    found = client.get_metric_statistics(
        Namespace=space, MetricName="m", Dimensions=dimensions, Period=60, Statistics=["Sum"],
        StartTime=now - timedelta(minutes=5), EndTime=now + timedelta(minutes=1),
    )  # fmt: skip
    assert [(point["Sum"], point["Unit"]) for point in found["Datapoints"]] == [(4.0, "None")]
    assert abs(found["Datapoints"][0]["Timestamp"] - now) < timedelta(minutes=1)
    client.put_metric_alarm(
        AlarmName=name, Namespace=space, MetricName="m", Dimensions=dimensions, Period=60,
        Statistic="Sum", EvaluationPeriods=1, Threshold=1.25, ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "k", "Value": "v"}],
    )  # fmt: skip
    (alarm,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["Dimensions"]) == (1.25, dimensions)
    assert alarm["ActionsEnabled"] is True
    tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "k", "Value": "v"}]
    with pytest.raises(client.exceptions.ResourceNotFound):
        client.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="r")


def test_a_body_that_is_not_what_it_says_is_refused(shared):
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    bodies = {"gzip": b"not gzip", "": b"\xff", "GZIP": gzip.compress(b"\0" * (20 << 20))}
    codes = []
    for encoding, body in bodies.items():
        headers = {"host": "localhost", "content-encoding": encoding}
        answer = shared.application(Request("POST", path, "", headers, io.BytesIO(body)))
        assert answer.status in (400, 413)
        codes.append(dict(answer.headers)["x-amzn-query-error"])
    assert codes == ["SerializationException;Sender"] * 2 + ["RequestEntityTooLarge;Sender"]
