"""Buses and rules in the cloud's state, found by name."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.service import Call, ServiceError, invalid
from slipway.cloud.state import Documents

RULE, BUS, TAGS = "EventRule", "EventBus", "EventTags"
DEFAULT = "default"
PAGE = 100

Rule = dict[str, Any]


def rules(cloud: Cloud, region: str) -> Documents:
    """Return the documents of rules, by `BUS/NAME`."""
    return cloud.state.documents(region, RULE)


def buses(cloud: Cloud, region: str) -> Documents:
    """Return the documents of buses, by name; that of the default bus only where it has a policy."""
    return cloud.state.documents(region, BUS)


def bus_arn(cloud: Cloud, region: str, name: str) -> str:
    """Return the ARN of a bus."""
    return f"arn:aws:events:{region}:{cloud.account}:event-bus/{name}"


def rule_arn(cloud: Cloud, region: str, bus: str, name: str) -> str:
    """Return the ARN of a rule."""
    path = name if bus == DEFAULT else f"{bus}/{name}"
    return f"arn:aws:events:{region}:{cloud.account}:rule/{path}"


def bus_name(call: Call, request: Mapping[str, Any], member: str = "EventBusName") -> str:
    """Return the name of the bus that a request means, by name or ARN; ServiceError where there is none."""
    name = str(request.get(member, DEFAULT))
    if name.startswith("arn:"):
        _, _, name = name.partition(":event-bus/")
    if not exists(call.cloud, call.region, name):
        raise missing(f"Event bus {name} does not exist.")
    return name


def exists(cloud: Cloud, region: str, bus: str) -> bool:
    """Tell whether there is a bus."""
    return bus == DEFAULT or buses(cloud, region).get(bus) is not None


def missing(message: str) -> ServiceError:
    """Return the refusal for what does not exist."""
    return ServiceError("ResourceNotFoundException", message)


def found(call: Call, bus: str, name: str) -> Rule:
    """Return a rule; ServiceError where there is none."""
    rule = rules(call.cloud, call.region).get(f"{bus}/{name}")
    if rule is None:
        raise missing(f"Rule {name} does not exist on EventBus {bus}.")
    return rule


def of_bus(cloud: Cloud, region: str, bus: str) -> list[Rule]:
    """Return the rules of a bus, by name."""
    every = (rule for _, rule in rules(cloud, region).all() if rule["EventBusName"] == bus)
    return sorted(every, key=lambda rule: str(rule["Name"]))


def page(member: str, items: Iterable[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of a list whose order does not change."""
    every = list(items)
    try:
        start = int(base64.b64decode(request.get("NextToken", "") or b"MA=="))
    except ValueError as error:
        raise invalid(
            "Parameter NextToken is not valid. Reason: Provided token is invalid."
        ) from error
    end = start + request.get("Limit", PAGE)
    token = base64.b64encode(str(end).encode()).decode() if end < len(every) else None
    return {member: every[start:end], "NextToken": token}


def put_tags(call: Call, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """Add tags to a resource, or change them."""
    kept = call.cloud.state.documents(call.region, TAGS)
    with call.cloud.state.transaction():
        together = (kept.get(arn) or {}) | {tag["Key"]: tag["Value"] for tag in tags}
        if not kept.create(arn, together):
            kept.replace(arn, together)


def tags_of(call: Call, arn: str) -> list[dict[str, str]]:
    """Return the tags of a resource."""
    kept = call.cloud.state.documents(call.region, TAGS).get(arn) or {}
    return [{"Key": key, "Value": value} for key, value in kept.items()]


def forget_tags(call: Call, arn: str) -> None:
    """Drop the tags of a resource that is deleted."""
    call.cloud.state.documents(call.region, TAGS).delete(arn)
