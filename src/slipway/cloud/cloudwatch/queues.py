"""AWS/SQS: the metrics of queues, as the ground tells them."""

from collections.abc import Mapping

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics

NAMESPACE = "AWS/SQS"
UNITS = {"ApproximateAgeOfOldestMessage": "Seconds", "SentMessageSize": "Bytes"}


def start(cloud: Cloud) -> None:
    """Record what the ground tells of queues from now on."""

    def tell(region: str, queue: str, values: Mapping[str, float], at: float) -> None:
        measured = {name: (value, UNITS.get(name, "Count")) for name, value in values.items()}
        metrics.record(cloud, region, NAMESPACE, (("QueueName", queue),), measured, at)

    def look(_: str, namespace: str | None) -> None:
        if namespace in (NAMESPACE, None):
            cloud.ground.look()

    cloud.ground.measure(tell)
    metrics.before_reading(cloud, look)
