"""Delete endpoints of the platform that nobody has called for a while; production's stays.

An endpoint costs whether it is called or not. Its configuration and its model stay, so it can be made
again, and the next release to staging does so by itself.
"""

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)


def idle(
    sagemaker: Any, cloudwatch: Any, tags: dict[str, str], spared: str, minutes: int, now: datetime
) -> list[str]:
    """Return the endpoints with these tags, but for one, that are in service and were not called."""
    since = now - timedelta(minutes=minutes)
    found = []
    pages = sagemaker.get_paginator("list_endpoints").paginate(StatusEquals="InService")
    for endpoint in (each for page in pages for each in page["Endpoints"]):
        name = endpoint["EndpointName"]
        # One that was changed lately has not had its chance.
        if name == spared or endpoint["LastModifiedTime"] > since:
            continue
        listed = sagemaker.get_paginator("list_tags").paginate(ResourceArn=endpoint["EndpointArn"])
        mine = {tag["Key"]: tag["Value"] for page in listed for tag in page["Tags"]}
        if all(mine.get(key) == value for key, value in tags.items()) and not calls(
            sagemaker, cloudwatch, name, since, now
        ):
            found.append(name)
    return found


def calls(sagemaker: Any, cloudwatch: Any, name: str, since: datetime, now: datetime) -> float:
    """Return how often an endpoint's variants were called."""
    variants = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    total = 0.0
    for variant in variants:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[
                {"Name": "EndpointName", "Value": name},
                {"Name": "VariantName", "Value": variant["VariantName"]},
            ],
            StartTime=since,
            EndTime=now,
            Period=max(60, int((now - since).total_seconds()) // 60 * 60),
            Statistics=["Sum"],
        )["Datapoints"]
        total += sum(point["Sum"] for point in points)
    return total


def handle(event: dict[str, Any], context: Any) -> list[str]:
    """Take the tick of a schedule; return what was deleted (AWS Lambda)."""
    sagemaker, minutes = boto3.client("sagemaker"), int(os.environ["IDLE_MINUTES"])
    tags = dict(pair.split("=", 1) for pair in os.environ["TAGS"].split(","))
    spared = os.environ["PRODUCTION_ENDPOINT_NAME"]
    found = idle(sagemaker, boto3.client("cloudwatch"), tags, spared, minutes, datetime.now(UTC))
    for name in found:
        log.info("%s was not called for %d minutes and is deleted", name, minutes)
        sagemaker.delete_endpoint(EndpointName=name)
    if found:
        boto3.client("sns").publish(
            TopicArn=os.environ["TOPIC_ARN"],
            Subject="Idle endpoints were deleted",
            Message=f"Not called for {minutes} minutes, and deleted: {', '.join(found)}",
        )
    return found
