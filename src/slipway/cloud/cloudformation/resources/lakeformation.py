"""AWS::LakeFormation: settings, locations, permissions and tags."""

import hashlib
import json
from typing import Any

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.members import operation, value
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.settling import gently

GRANTED = frozenset(
    ("Catalog", "Principal", "Resource", "Permissions", "PermissionsWithGrantOption")
)
# The resources of the older type → those of the API
OLDER = {
    "DatabaseResource": "Database",
    "TableResource": "Table",
    "TableWithColumnsResource": "TableWithColumns",
    "DataLocationResource": "DataLocation",
}
SETTINGS = (
    *("Admins", "ReadOnlyAdmins", "CreateDatabaseDefaultPermissions", "Parameters"),
    *("CreateTableDefaultPermissions", "TrustedResourceOwners", "AllowExternalDataFiltering"),
    *("AllowFullTableExternalDataAccess", "ExternalDataFilteringAllowList"),
    "AuthorizedSessionTagValueList",
)


def newer(asked: Asked) -> Properties:
    """Return the properties of either type as the newer one has them."""
    own = dict(asked.properties)
    if "DataLakePrincipal" in own:
        own["Principal"] = own.pop("DataLakePrincipal")
        own["Resource"] = {OLDER.get(n, n): given for n, given in own["Resource"].items()}
        location = own["Resource"].get("DataLocation", {})
        if "S3Resource" in location:
            rest = {n: given for n, given in location.items() if n != "S3Resource"}
            own["Resource"]["DataLocation"] = rest | {"ResourceArn": location["S3Resource"]}
    return own


def request(asked: Asked) -> dict[str, Any]:
    """Return what is granted as the API takes it."""
    members = operation("lakeformation", "GrantPermissions").input_shape.members
    own = newer(asked)
    names = ("Principal", "Resource", "Permissions", "PermissionsWithGrantOption")
    found = {n: value(members[n], own[n], f"#/{n}") for n in names if n in own}
    catalog = own.get("Catalog") or asked.cloud.account
    return {"CatalogId": catalog, "Permissions": [], **found}


def grant(asked: Asked) -> Made:
    """Grant a principal permissions on a resource; the same again changes nothing."""
    wanted = request(asked)
    asked.client("lakeformation").grant_permissions(**wanted)
    return granted(wanted)


def granted(wanted: dict[str, Any]) -> Made:
    """Return a grant's identity: its principal and a digest of its resource."""
    who = wanted["Principal"]["DataLakePrincipalIdentifier"]
    text = json.dumps([wanted["CatalogId"], wanted["Resource"]], sort_keys=True)
    what = hashlib.sha256(text.encode()).hexdigest()
    return Made(f"{who}|{what}", {"PrincipalIdentifier": who, "ResourceIdentifier": what})


def change(asked: Asked, made: Made, before: Properties) -> Made:
    """Grant what is new and revoke what is no longer asked for."""
    old = request(Asked(**{**vars(asked), "properties": before}))
    new = request(asked)
    client = asked.client("lakeformation")
    client.grant_permissions(**new)
    lost = {
        name: [each for each in old.get(name, []) if each not in new.get(name, [])]
        for name in ("Permissions", "PermissionsWithGrantOption")
    }
    if any(lost.values()):
        gently(client.revoke_permissions, **old | lost)
    return made


def revoke(asked: Asked, made: Made) -> None:
    """Revoke what was granted."""
    gently(asked.client("lakeformation").revoke_permissions, **request(asked))


def put_settings(asked: Asked) -> Made:
    """Set the account's settings."""
    shape = operation("lakeformation", "PutDataLakeSettings").input_shape
    given = {n: of for n, of in asked.properties.items() if n in SETTINGS}
    if "Admins" in given:
        given["DataLakeAdmins"] = given.pop("Admins")
    settings = value(shape.members["DataLakeSettings"], given, "#")
    asked.client("lakeformation").put_data_lake_settings(
        CatalogId=asked.cloud.account, DataLakeSettings=settings
    )
    return Made(asked.cloud.account, {"Id": asked.cloud.account})


def reset_settings(asked: Asked, made: Made) -> None:
    """Set the account's settings as they are where nobody has set them."""
    asked.client("lakeformation").put_data_lake_settings(
        CatalogId=asked.cloud.account, DataLakeSettings={"DataLakeAdmins": []}
    )


def tag_values(asked: Asked, made: Made, before: Properties) -> None:
    """Add and take away a tag's values after an update."""
    client = asked.client("lakeformation")
    new = set(asked.properties["TagValues"])
    old = set(client.get_lf_tag(TagKey=made.physical_id)["TagValues"])
    changes = {"TagValuesToAdd": sorted(new - old), "TagValuesToDelete": sorted(old - new)}
    if new != old:
        client.update_lf_tag(TagKey=made.physical_id, **{n: of for n, of in changes.items() if of})


ALL: tuple[Declared | Own, ...] = (
    Own(
        "AWS::LakeFormation::PrincipalPermissions",
        grant,
        change,
        revoke,
        properties=GRANTED,
        replacing=GRANTED,
    ),
    Own(
        "AWS::LakeFormation::Permissions",
        grant,
        change,
        revoke,
        properties=frozenset(
            {"DataLakePrincipal", "Resource", "Permissions", "PermissionsWithGrantOption"}
        ),
        replacing=frozenset({"DataLakePrincipal", "Resource"}),
    ),
    Own(
        "AWS::LakeFormation::DataLakeSettings",
        put_settings,
        lambda asked, made, before: put_settings(asked),
        reset_settings,
        properties=frozenset(SETTINGS),
        refused={"MutationType": "settings are replaced whole"},
    ),
    Declared(
        "AWS::LakeFormation::Resource",
        "lakeformation",
        create="RegisterResource",
        delete="DeregisterResource",
        read="DescribeResource",
        identity="{ResourceArn}",
        keys={"ResourceArn": "@"},
        tags="",
        replacing=frozenset(
            {
                *("ResourceArn", "RoleArn", "UseServiceLinkedRole"),
                *("HybridAccessEnabled", "WithFederation"),
            }
        ),
    ),
    Declared(
        "AWS::LakeFormation::Tag",
        "lakeformation",
        create="CreateLFTag",
        delete="DeleteLFTag",
        read="GetLFTag",
        resource="TagValues[0] && @",  # the ground shows one without values where there is none
        identity="{TagKey}",
        keys={"TagKey": "@"},
        tags="",
        changing=frozenset({"TagValues"}),
        after=tag_values,
        replacing=frozenset({"TagKey", "CatalogId"}),
    ),
)
TYPES = by_name(*ALL)
