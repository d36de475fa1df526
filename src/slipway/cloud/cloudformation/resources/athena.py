"""AWS::Athena: work groups and named queries."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.members import operation, scalar, value
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently

REMOVABLE = ("BytesScannedCutoffPerQuery", "CustomerContentEncryptionConfiguration")
RESULTS = ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration")


def updates(asked: Asked, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration as UpdateWorkGroup takes it: what is not there is removed."""
    shape = operation("athena", "UpdateWorkGroup").input_shape.members["ConfigurationUpdates"]
    given = dict(configuration)
    results = given.pop("ResultConfiguration", {})
    given["ResultConfigurationUpdates"] = results | removing(RESULTS, results)
    given |= removing(REMOVABLE, given)
    path = "#/WorkGroupConfiguration"
    return {"ConfigurationUpdates": value(shape, given, path)}


def removing(names: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, bool]:
    """Return the members that remove what is not given."""
    return {f"Remove{name}": True for name in names if name not in given}


def enabled(asked: Asked) -> Properties:
    """Return the properties; Failed for a work group that is to be disabled."""
    if asked.properties.get("State", "ENABLED") != "ENABLED":
        raise Failed("The local cloud does not support State DISABLED of a work group.")
    return asked.properties


def delete(asked: Asked, made: Made) -> None:
    """Delete a work group; with its queries where the template says so."""
    recursive = scalar("boolean", asked.properties.get("RecursiveDeleteOption", False), "#")
    client = asked.client("athena")
    gently(client.delete_work_group, WorkGroup=made.physical_id, RecursiveDeleteOption=recursive)


ALL = (
    Declared(
        "AWS::Athena::WorkGroup",
        "athena",
        create="CreateWorkGroup",
        update="UpdateWorkGroup",
        read="GetWorkGroup",
        resource="WorkGroup",
        identity="{Name}",
        keys={"WorkGroup": "@"},
        renamed={"WorkGroupConfiguration": "Configuration"},
        parts=(Part("WorkGroupConfiguration", "UpdateWorkGroup", form=updates, created=True),),
        tagging=(
            "TagResource",
            "UntagResource",
            {"ResourceARN": "=arn:aws:athena:{region}:{account}:workgroup/{id}"},
        ),
        before_delete=delete,
        form=enabled,
        hooked=frozenset({"RecursiveDeleteOption", "State"}),
        refused={"WorkGroupConfigurationUpdates": "give the WorkGroupConfiguration"},
        replacing=frozenset({"Name"}),
    ),
    Declared(
        "AWS::Athena::NamedQuery",
        "athena",
        create="CreateNamedQuery",
        delete="DeleteNamedQuery",
        named="Name",
        longest=128,
        ref="NamedQueryId",
        keys={"NamedQueryId": "@"},
        attributes={"NamedQueryId": "={id}"},
        tags="",
        replacing=frozenset({"Name", "Database", "Description", "QueryString", "WorkGroup"}),
    ),
)
TYPES = by_name(*ALL)
