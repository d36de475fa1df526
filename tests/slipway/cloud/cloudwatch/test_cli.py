"""The AWS CLI against a running cloud: metrics, an alarm that the cloud evaluates by itself."""

import json
import subprocess
import sys
import time
from pathlib import Path

AWS = Path(sys.executable).parent / "aws"


def test_the_aws_cli_sends_reads_and_watches_metrics(cloud):
    def aws(*words):
        command = [AWS, "cloudwatch", *words, "--output", "json"]
        ended = subprocess.run(command, env=cloud.environment(), capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout or "{}")

    past = int(time.time()) - 12
    one = f"MetricName=Clicks,Dimensions=[{{Name=Page,Value=home}}],Value=7,Timestamp={past},StorageResolution=1"
    aws("put-metric-data", "--namespace", "Cli", "--metric-data", one)
    metric = ["--namespace", "Cli", "--metric-name", "Clicks", "--period", "10"]
    aws(
        "put-metric-alarm", "--alarm-name", "clicks", *metric, "--dimensions", "Name=Page,Value=home",
        "--statistic", "Sum", "--evaluation-periods", "3", "--datapoints-to-alarm", "1",
        "--threshold", "5", "--comparison-operator", "GreaterThanThreshold",
        "--treat-missing-data", "ignore",
    )  # fmt: skip
    found = aws(
        "get-metric-statistics", *metric, "--dimensions", "Name=Page,Value=home", "--statistics", "Sum",
        "--start-time", str(past - 60), "--end-time", str(past + 60),
    )  # fmt: skip
    assert [point["Sum"] for point in found["Datapoints"]] == [7.0]
    cloudwatch, end = cloud.client("cloudwatch"), time.monotonic() + 30
    ringing = {"AlarmNames": ["clicks"], "StateValue": "ALARM"}
    while not (found := cloudwatch.describe_alarms(**ringing)["MetricAlarms"]):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found[0]["StateReason"].startswith(
        "Threshold Crossed: 1 out of the last 3 datapoints [7.0 ("
    )
    cloudwatch.delete_alarms(AlarmNames=["clicks"])
