"""Namespaces, workgroups and usage limits of Redshift Serverless."""

import uuid
from collections.abc import Mapping
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.records.kind import Document, Kind, merged
from slipway.cloud.records.operations import kept
from slipway.cloud.service import Call, ServiceError, invalid

NO_WAREHOUSE = "kept and shown; no warehouse runs behind it"
NOT_KEPT = "not kept: no warehouse runs that it could open"
MANAGED = "`true` is refused: no secret is made; give an adminUserPassword"
TIMES = ("creationDate", "modified")  # AWS shows the first


def without_password(asked: Mapping[str, Any]) -> Document:
    """Return a request without what is nowhere shown; ServiceError when AWS is to make a secret."""
    if asked.get("manageAdminPassword"):
        raise invalid("The local cloud does not support manageAdminPassword: no secret is made.")
    hidden = ("adminUserPassword", "manageAdminPassword")
    return {name: value for name, value in asked.items() if name not in hidden}


def new_namespace(call: Call, asked: Document) -> Document:
    """Return what AWS adds to a new namespace."""
    return {
        "namespaceId": str(uuid.uuid4()),
        "status": "AVAILABLE",
        "dbName": "dev",
        "adminUsername": "admin",
        "iamRoles": [],
        "logExports": [],
        "kmsKeyId": "AWS_OWNED_KMS_KEY",
    }


NAMESPACE = Kind(
    service="redshift-serverless",
    name="Namespace",
    key=("namespaceName",),
    arn=("namespaceArn", "namespace/{namespaceId}"),
    read="Get",
    times=TIMES,
    tags="tags",
    asked=without_password,
    added=new_namespace,
    deleted={"status": "DELETING"},
    why=NO_WAREHOUSE,
    coverage={
        "CreateNamespace": Coverage(
            not_honored={"adminUserPassword": NOT_KEPT}, limited={"manageAdminPassword": MANAGED}
        ),
        "UpdateNamespace": Coverage(
            not_honored={"adminUserPassword": NOT_KEPT}, limited={"manageAdminPassword": MANAGED}
        ),
        "DeleteNamespace": Coverage(
            refused=dict.fromkeys(
                ("finalSnapshotName", "finalSnapshotRetentionPeriod"), "there are no snapshots"
            )
        ),
    },
)


def new_workgroup(call: Call, asked: Document) -> Document:
    """Return what AWS adds to a new workgroup; ServiceError when its namespace has one already."""
    for name, other in kept(WORKGROUP, call).all():
        if other["namespaceName"] == asked["namespaceName"] and name != asked["workgroupName"]:
            text = f"There is already a workgroup, {name}, in namespace {asked['namespaceName']}."
            raise ServiceError("ConflictException", text)
    host = f"{asked['workgroupName']}.{call.cloud.account}.{call.region}"
    port = asked.get("port", 5439)
    return {
        "workgroupId": str(uuid.uuid4()),
        "status": "AVAILABLE",
        "baseCapacity": 128,
        "enhancedVpcRouting": False,
        "publiclyAccessible": False,
        "port": port,
        "endpoint": {"address": f"{host}.redshift-serverless.amazonaws.com", "port": port},
        "configParameters": [],
        "subnetIds": [],
        "securityGroupIds": [],
        "ownerAccount": call.cloud.account,
    }


def changed_workgroup(workgroup: Document, asked: Mapping[str, Any]) -> Document:
    """Return a workgroup after UpdateWorkgroup."""
    endpoint = {"port": asked["port"]} if "port" in asked else {}
    return merged(workgroup, {**asked, "endpoint": endpoint})


WORKGROUP = Kind(
    service="redshift-serverless",
    name="Workgroup",
    key=("workgroupName",),
    arn=("workgroupArn", "workgroup/{workgroupId}"),
    read="Get",
    times=TIMES,
    tags="tags",
    within=NAMESPACE,
    added=new_workgroup,
    change=changed_workgroup,
    deleted={"status": "DELETING"},
    why=NO_WAREHOUSE,
)


def new_limit(call: Call, asked: Document) -> Document:
    """Return what AWS adds to a new usage limit; ServiceError when there is nothing to limit."""
    arns = (kept(kind, call).all() for kind in (WORKGROUP, NAMESPACE))
    known = [
        each.get("workgroupArn", each.get("namespaceArn")) for all_ in arns for _, each in all_
    ]
    if asked["resourceArn"] not in known:
        text = f"The resource {asked['resourceArn']} does not exist."
        raise ServiceError("ResourceNotFoundException", text)
    return {"usageLimitId": str(uuid.uuid4()), "period": "monthly", "breachAction": "log"}


USAGE_LIMIT = Kind(
    service="redshift-serverless",
    name="UsageLimit",
    key=("usageLimitId",),
    arn=("usageLimitArn", "usagelimit/{usageLimitId}"),
    read="Get",
    times=("created", "modified"),
    tags="",
    added=new_limit,
    why="kept and shown; nothing is used that it could limit",
)
KINDS = (NAMESPACE, WORKGROUP, USAGE_LIMIT)
