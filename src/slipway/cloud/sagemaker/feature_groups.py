"""Feature groups: their definitions are kept; no record is stored in them yet."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.records.kind import Document, Kind, merged
from slipway.cloud.service import Call, invalid

NO_STORE = "kept and shown; there is no store to put records in"
ON_DEMAND = {"ThroughputMode": "OnDemand"}
EVENT_TIMES = ("String", "Fractional")


def new(call: Call, group: Document) -> Document:
    """Return what AWS adds to a new feature group.

    Raises:
        ServiceError: It has no store, no role for its offline store, or its record identifier or
            event time is no feature that could be it.
    """
    features = {each["FeatureName"]: each["FeatureType"] for each in group["FeatureDefinitions"]}
    if len(features) < len(group["FeatureDefinitions"]):
        raise invalid("FeatureDefinitions name a feature more than once.")
    if group["RecordIdentifierFeatureName"] not in features:
        raise unknown("RecordIdentifierFeatureName", group)
    if group["EventTimeFeatureName"] not in features:
        raise unknown("EventTimeFeatureName", group)
    if features[group["EventTimeFeatureName"]] not in EVENT_TIMES:
        raise invalid(f"The event time feature must be of type {' or '.join(EVENT_TIMES)}.")
    offline = group.get("OfflineStoreConfig")
    if offline is None and not group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
        raise invalid("A feature group needs an OnlineStoreConfig or an OfflineStoreConfig.")
    added: Document = {"FeatureGroupStatus": "Created"}
    if group.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
        added["ThroughputConfig"] = ON_DEMAND
    if offline is None:
        return added
    if "RoleArn" not in group:
        raise invalid("A feature group with an offline store needs a RoleArn.")
    return added | {
        "OfflineStoreStatus": {"Status": "Active"},
        "OfflineStoreConfig": {
            "DisableGlueTableCreation": False,
            "S3StorageConfig": {"ResolvedOutputS3Uri": folder(call, group)},
        },
    }


def folder(call: Call, group: Document) -> str:
    """Return the S3 URI below which the offline store's records are to lie."""
    made = datetime.fromtimestamp(group["CreationTime"], UTC)
    above = group["OfflineStoreConfig"]["S3StorageConfig"]["S3Uri"].rstrip("/")
    name = f"{group['FeatureGroupName']}-{int(made.timestamp())}"
    return f"{above}/{call.cloud.account}/sagemaker/{call.region}/offline-store/{name}/data"


def unknown(member: str, group: Document) -> Exception:
    """Return the refusal of a member that names no feature."""
    return invalid(f"{member} {group[member]} is not among the FeatureDefinitions.")


def changed(group: Document, request: Mapping[str, Any]) -> Document:
    """Return a feature group after UpdateFeatureGroup, which only adds features."""
    added = request.get("FeatureAdditions", [])
    names = [each["FeatureName"] for each in (*group["FeatureDefinitions"], *added)]
    if len(set(names)) < len(names):
        raise invalid("FeatureAdditions name a feature that the group has already.")
    rest = {name: value for name, value in request.items() if name != "FeatureAdditions"}
    if "ThroughputConfig" in rest:
        group = merged({"ThroughputConfig": ON_DEMAND}, group)
    definitions = group["FeatureDefinitions"] + added
    succeeded = {"LastUpdateStatus": {"Status": "Successful"}}
    return merged(group, rest) | succeeded | {"FeatureDefinitions": definitions}


def shown(group: Document) -> Document:
    """Return a group as Describe shows it: all features, so that no page follows."""
    offline = group.get("OfflineStoreStatus", {}).get("Status", "Disabled")
    return group | {"NextToken": "", "OfflineStatus": offline}


FEATURE_GROUP = Kind(
    service="sagemaker",
    name="FeatureGroup",
    key=("FeatureGroupName",),
    arn=("FeatureGroupArn", "feature-group/{FeatureGroupName}"),
    added=new,
    change=changed,
    shown=shown,
    equal={"OfflineStoreStatusEquals": "OfflineStatus"},
    why=NO_STORE,
    coverage={
        "DescribeFeatureGroup": Coverage(
            not_honored={"NextToken": "all features that a group may have are on the first page"}
        ),
        "CreateFeatureGroup": Coverage(
            not_honored={"OfflineStoreConfig": NO_STORE + "; no Glue table is made"}
        ),
        "UpdateFeatureGroup": Coverage(behaves={"FeatureAdditions": "shown in FeatureDefinitions"}),
    },
)
KINDS = (FEATURE_GROUP,)
