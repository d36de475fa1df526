"""The operations of CloudWatch that Slipway owns; dashboards, insight rules and streams are the ground's."""

import threading

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import (
    actions,
    describe_alarms,
    get_data,
    history,
    metrics,
    put_alarms,
    put_data,
    queues,
    tags,
)
from slipway.cloud.cloudwatch.coverage import COVERAGE
from slipway.cloud.cloudwatch.evaluator import Evaluator
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    "DeleteAlarms": put_alarms.delete_alarms,
    "DescribeAlarmHistory": history.describe,
    "DescribeAlarms": describe_alarms.describe,
    "DescribeAlarmsForMetric": describe_alarms.for_metric,
    "DisableAlarmActions": put_alarms.disable_actions,
    "EnableAlarmActions": put_alarms.enable_actions,
    "GetMetricData": get_data.get_metric_data,
    "GetMetricStatistics": get_data.get_metric_statistics,
    "ListMetrics": get_data.list_metrics,
    "ListTagsForResource": tags.show,
    "PutCompositeAlarm": put_alarms.put_composite_alarm,
    "PutMetricAlarm": put_alarms.put_metric_alarm,
    "PutMetricData": put_data.put_metric_data,
    "SetAlarmState": put_alarms.set_alarm_state,
    "TagResource": tags.add,
    "UntagResource": tags.remove,
}
RUNNING: dict[Cloud, Evaluator] = {}
LOCK = threading.Lock()


def start(cloud: Cloud) -> None:
    """Evaluate alarms from now on."""
    queues.start(cloud)
    actions.start(cloud)
    with LOCK:
        RUNNING[cloud] = Evaluator(cloud)


def stop(cloud: Cloud) -> None:
    """Evaluate no more, perform what is still to be done, and write all metrics."""
    with LOCK:
        running = RUNNING.pop(cloud, None)
    if running:
        running.stop()
    actions.stop(cloud)
    cloud.ground.look()
    metrics.stop(cloud)


SERVICE = Service("cloudwatch", OPERATIONS, COVERAGE, start, stop, invalid="ValidationError")
