"""UpdateWorkGroup, which the ground does not have: it makes the work group anew as it shall be."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.coverage import Coverage
from slipway.cloud.service import Call, Operation, ServiceError

KIND = "athena work group to be made"  # documents: what a killed process was about to make


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a work group's description and configuration (UpdateWorkGroup)."""
    if request.get("State", "ENABLED") != "ENABLED":
        text = "The local cloud does not support State DISABLED: no work group is ever disabled."
        raise ServiceError("InvalidRequestException", text)
    ground = inside.client(call.cloud.ground, "athena", call.region)
    known = [each["Name"] for each in ground.list_work_groups()["WorkGroups"]]
    if request["WorkGroup"] not in known:
        text = f"WorkGroup {request['WorkGroup']} is not found."
        raise ServiceError("InvalidRequestException", text)
    found = ground.get_work_group(WorkGroup=request["WorkGroup"])["WorkGroup"]
    arn = f"arn:aws:athena:{call.region}:{call.cloud.account}:workgroup/{found['Name']}"
    wanted = {
        "Name": found["Name"],
        "Description": request.get("Description", found.get("Description", "")),
        "Configuration": updated(found["Configuration"], request.get("ConfigurationUpdates", {})),
        "Tags": ground.list_tags_for_resource(ResourceARN=arn).get("Tags", []),
    }
    call.cloud.state.documents(call.region, KIND).create(found["Name"], wanted)
    make(call.cloud, call.region, wanted)
    return {}


def updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration after updates, whose members say what to remove and what to change."""
    found = dict(configuration)
    for name, value in updates.items():
        if name.startswith("Remove"):
            if value:
                found.pop(name.removeprefix("Remove"), None)
        elif name.endswith("Updates"):
            name = name.removesuffix("Updates")
            found[name] = updated(found.get(name, {}), value)
        else:
            found[name] = value
    return found


def make(cloud: Cloud, region: str, wanted: dict[str, Any]) -> None:
    """Put a work group in the place of the one that has its name."""
    ground = inside.client(cloud.ground, "athena", region)
    ground.delete_work_group(WorkGroup=wanted["Name"])
    ground.create_work_group(**wanted)
    cloud.state.documents(region, KIND).delete(wanted["Name"])


def take_up(cloud: Cloud) -> None:
    """Make the work groups that the last process was about to make."""
    for region in cloud.state.regions(KIND):
        for _, wanted in cloud.state.documents(region, KIND).all():
            make(cloud, region, wanted)


OPERATIONS: dict[str, Operation] = {"UpdateWorkGroup": update}
COVERAGE = {
    "UpdateWorkGroup": Coverage(limited={"State": "`DISABLED` is refused: no work group is"})
}
