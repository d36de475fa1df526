"""Which configurations served from an endpoint before: a tag of the endpoint, the newest first.

The AWS API forgets what an endpoint served, so `deploy` writes it down where both sides keep it: what
serves when a release begins. A rollback strikes what it leaves. Both stay true when they fail.
"""

from typing import Any

KEY = "slipway:served"
LONGEST = 256  # characters of a tag's value


def before(api: Any, arn: str, now: str) -> list[str]:
    """Return the configurations that served before the one that serves now, the latest first."""
    tags = api.get_paginator("list_tags").paginate(ResourceArn=arn)
    values = [tag["Value"] for page in tags for tag in page["Tags"] if tag["Key"] == KEY]
    known = values[0].split() if values else []
    return [config for config in known if config != now]


def answered(cloudwatch: Any, endpoint: str) -> set[str]:
    """Return the configurations that have answered a request of an endpoint, as metrics tell."""
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "EndpointConfigName"},
        ],
    )
    return {
        dimension["Value"]
        for page in pages
        for metric in page["Metrics"]
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "EndpointConfigName"
    }


def write(api: Any, arn: str, now: str) -> None:
    """Write down that `now` serves, as something else is about to; the oldest are forgotten."""
    write_all(api, arn, [now, *before(api, arn, now)])


def strike(api: Any, arn: str, now: str) -> None:
    """Write down that nothing is to go back to `now`, which is about to be left as a bad one."""
    write_all(api, arn, before(api, arn, now))


def write_all(api: Any, arn: str, configs: list[str]) -> None:
    """Write the configurations down."""
    api.add_tags(ResourceArn=arn, Tags=[{"Key": KEY, "Value": as_value(configs)}])


def as_value(configs: list[str]) -> str:
    """Return as many of the names, separated by blanks, as a tag's value takes."""
    value = ""
    for config in configs:
        longer = f"{value} {config}".strip()
        if len(longer) > LONGEST:
            break
        value = longer
    return value
