"""Groups of schedules, and their tags."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.sagemaker.listing import moment
from slipway.cloud.scheduler import records
from slipway.cloud.scheduler.records import DEFAULT, TAGS
from slipway.cloud.service import Call, Operation, invalid


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a group (CreateScheduleGroup)."""
    name, token = request["Name"], request.get("ClientToken")
    arn = records.group_arn(call.cloud, call.region, name)
    groups = records.groups(call.cloud, call.region)
    time = now()
    with call.cloud.state.transaction():
        old = groups.get(name)
        if old and token and old.get("Token") == token:
            return {"ScheduleGroupArn": arn}
        if old or name == DEFAULT:
            raise records.conflict(f"Schedule group {name} already exists.")
        group = {"Name": name, "Token": token, "CreationDate": time, "LastModificationDate": time}
        groups.create(name, group)
        tagged(call, arn, {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])})
    return {"ScheduleGroupArn": arn}


def shown(call: Call, name: str, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group as it is shown."""
    dates = {
        member: moment(group[member])
        for member in ("CreationDate", "LastModificationDate")
        if member in group
    }
    arn = records.group_arn(call.cloud, call.region, name)
    return {"Arn": arn, "Name": name, "State": "ACTIVE", **dates}


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a group (GetScheduleGroup)."""
    name = records.group_of(call, {"GroupName": request["Name"]})
    return shown(call, name, records.groups(call.cloud, call.region).get(name) or {})


def list_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of groups (ListScheduleGroups)."""
    every: dict[str, dict[str, Any]] = {DEFAULT: {}}
    every |= dict(records.groups(call.cloud, call.region).all())
    prefix = request.get("NamePrefix", "")
    found = [shown(call, name, every[name]) for name in sorted(every) if name.startswith(prefix)]
    return records.page("ScheduleGroups", found, request)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a group with all its schedules (DeleteScheduleGroup)."""
    name = request["Name"]
    if name == DEFAULT:
        raise invalid("The default schedule group cannot be deleted.")
    with call.cloud.state.transaction():
        if not records.groups(call.cloud, call.region).delete(name):
            raise records.missing(f"Schedule group {name} does not exist.")
        schedules = records.schedules(call.cloud, call.region)
        for key, schedule in schedules.all():
            if schedule["GroupName"] == name:
                schedules.delete(key)
        arn = records.group_arn(call.cloud, call.region, name)
        call.cloud.state.documents(call.region, TAGS).delete(arn)
    return {}


def tagged(call: Call, arn: str, tags: dict[str, str]) -> None:
    """Write the tags of a group."""
    kept = call.cloud.state.documents(call.region, TAGS)
    if not kept.create(arn, tags):
        kept.replace(arn, tags)


def tags_of(call: Call, arn: str) -> dict[str, str]:
    """Return the tags of a group; ServiceError where there is none."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind != "schedule-group":
        raise invalid(f"Only schedule groups have tags, found {arn}.")
    records.group_of(call, {"GroupName": name})
    return call.cloud.state.documents(call.region, TAGS).get(arn) or {}


def add_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a group, or change them (TagResource)."""
    new = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    with call.cloud.state.transaction():
        arn = request["ResourceArn"]
        tagged(call, arn, tags_of(call, arn) | new)
    return {}


def remove_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags from a group (UntagResource)."""
    with call.cloud.state.transaction():
        arn = request["ResourceArn"]
        left = {k: v for k, v in tags_of(call, arn).items() if k not in request["TagKeys"]}
        tagged(call, arn, left)
    return {}


def show_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of a group (ListTagsForResource)."""
    found = tags_of(call, request["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


OPERATIONS: dict[str, Operation] = {
    "CreateScheduleGroup": create,
    "GetScheduleGroup": get,
    "ListScheduleGroups": list_groups,
    "DeleteScheduleGroup": delete,
    "TagResource": add_tags,
    "UntagResource": remove_tags,
    "ListTagsForResource": show_tags,
}
