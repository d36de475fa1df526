"""AWS::RedshiftServerless: namespaces and workgroups."""

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import by_name

NAMESPACE = ("NamespaceArn", "NamespaceId", "NamespaceName", "AdminUsername", "DbName", "KmsKeyId")
WORKGROUP = ("WorkgroupArn", "WorkgroupId", "WorkgroupName", "NamespaceName", "BaseCapacity")
ENDPOINT = {
    "Workgroup.Endpoint.Address": "endpoint.address",
    "Workgroup.Endpoint.Port": "endpoint.port",
}


def shown(above: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return the attributes that a resource's members are, below one name."""
    return {f"{above}.{name}": name[:1].lower() + name[1:] for name in (*names, "Status")}


ALL = (
    Declared(
        "AWS::RedshiftServerless::Namespace",
        "redshift-serverless",
        create="CreateNamespace",
        update="UpdateNamespace",
        delete="DeleteNamespace",
        read="GetNamespace",
        resource="namespace",
        identity="{NamespaceName}",
        keys={"namespaceName": "@"},
        attributes={"Namespace": "@", **shown("Namespace", NAMESPACE)},
        stable="status == 'AVAILABLE'",
        refused={
            "FinalSnapshotName": "there are no snapshots",
            "FinalSnapshotRetentionPeriod": "there are no snapshots",
            "NamespaceResourcePolicy": "no other account is there to share with",
            "SnapshotCopyConfigurations": "there are no snapshots",
        },
        replacing=frozenset({"NamespaceName"}),
    ),
    Declared(
        "AWS::RedshiftServerless::Workgroup",
        "redshift-serverless",
        create="CreateWorkgroup",
        update="UpdateWorkgroup",
        delete="DeleteWorkgroup",
        read="GetWorkgroup",
        resource="workgroup",
        identity="{WorkgroupName}",
        keys={"workgroupName": "@"},
        attributes={"Workgroup": "@", **shown("Workgroup", WORKGROUP), **ENDPOINT},
        stable="status == 'AVAILABLE'",
        refused={
            name: "there are no snapshots"
            for name in ("RecoveryPointId", "SnapshotArn", "SnapshotName", "SnapshotOwnerAccount")
        },
        replacing=frozenset({"WorkgroupName", "NamespaceName"}),
    ),
)
TYPES = by_name(*ALL)
