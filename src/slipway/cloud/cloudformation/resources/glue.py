"""AWS::Glue: databases, tables, crawlers, jobs, triggers, and how the catalog is encrypted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.settling import gently


def of_database(asked: Asked) -> Properties:
    """Return a database's properties with its name in both places; Glue writes it in lower case."""
    return named_inside(asked, "DatabaseName", "DatabaseInput")


def of_table(asked: Asked) -> Properties:
    """Return a table's properties with its name in both places."""
    database = str(asked.properties.get("DatabaseName", "")).lower()
    return {**named_inside(asked, "Name", "TableInput"), "DatabaseName": database}


def named_inside(asked: Asked, name: str, inner: str) -> Properties:
    """Return properties whose name may stand in a structure: there it comes first."""
    given: Mapping[str, Any] = asked.properties.get(inner) or {}
    chosen = str(given.get("Name") or asked.properties[name]).lower()
    return {**asked.properties, name: chosen, inner: {**given, "Name": chosen}}


def of_crawler(asked: Asked) -> Properties:
    """Return a crawler's properties with its schedule as the API takes it."""
    own = dict(asked.properties)
    schedule = own.pop("Schedule", None)
    if schedule:
        own["Schedule"] = schedule.get("ScheduleExpression", "")
    return own


def of_security(asked: Asked) -> Properties:
    """Return a security configuration's properties with its members' names in the API."""
    own = dict(asked.properties)
    encryption = dict(own.get("EncryptionConfiguration") or {})
    if "S3Encryptions" in encryption:
        encryption["S3Encryption"] = encryption.pop("S3Encryptions")
    return {**own, "EncryptionConfiguration": encryption}


def change_security(asked: Asked, made: Made, before: Properties) -> Made:
    """Make a security configuration anew: the API cannot change one."""
    if asked.properties != before:
        delete = asked.client("glue").delete_security_configuration
        gently(delete, Name=made.physical_id)
        return SECURITY.type().create(replace(asked, token=f"{asked.token}-anew"))
    return made


def forget_encryption(asked: Asked, made: Made) -> None:
    """Turn the catalog's encryption off, as it is where nobody has set it."""
    asked.client("glue").put_data_catalog_encryption_settings(
        CatalogId=made.physical_id,
        DataCatalogEncryptionSettings={"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}},
    )


def tagging(kind: str) -> tuple[str, str, Mapping[str, str]]:
    """Return how resources of a kind are tagged."""
    arn = f"=arn:aws:glue:{{region}}:{{account}}:{kind}/{{id}}"
    return ("TagResource", "UntagResource", {"ResourceArn": arn})


SECURITY = Declared(
    "AWS::Glue::SecurityConfiguration",
    "glue",
    create="CreateSecurityConfiguration",
    delete="DeleteSecurityConfiguration",
    read="GetSecurityConfiguration",
    identity="{Name}",
    keys={"Name": "@"},
    form=of_security,
    tags="",
    replacing=frozenset({"Name"}),
)
ALL = (
    Declared(
        "AWS::Glue::Database",
        "glue",
        create="CreateDatabase",
        update="UpdateDatabase",
        delete="DeleteDatabase",
        read="GetDatabase",
        named="DatabaseName",
        longest=255,
        keys={"CatalogId": "CatalogId", "Name": "@"},
        form=of_database,
        hooked=frozenset({"DatabaseName"}),
        tags="",
        replacing=frozenset({"DatabaseName", "CatalogId"}),
    ),
    Declared(
        "AWS::Glue::Table",
        "glue",
        create="CreateTable",
        update="UpdateTable",
        delete="DeleteTable",
        read="GetTable",
        named="Name",
        longest=255,
        keys={"CatalogId": "CatalogId", "DatabaseName": "DatabaseName", "Name": "@"},
        form=of_table,
        hooked=frozenset({"Name"}),
        tags="",
        refused={"OpenTableFormatInput": "tables are Hive's"},
        replacing=frozenset({"DatabaseName", "CatalogId", "Name"}),
    ),
    Declared(
        "AWS::Glue::Crawler",
        "glue",
        create="CreateCrawler",
        update="UpdateCrawler",
        delete="DeleteCrawler",
        read="GetCrawler",
        named="Name",
        longest=255,
        keys={"Name": "@"},
        form=of_crawler,
        tagging=tagging("crawler"),
        replacing=frozenset({"Name"}),
    ),
    Declared(
        "AWS::Glue::Job",
        "glue",
        create="CreateJob",
        update="UpdateJob",
        within="JobUpdate",
        delete="DeleteJob",
        read="GetJob",
        named="Name",
        longest=255,
        keys={"JobName": "@"},
        tagging=tagging("job"),
        replacing=frozenset({"Name"}),
        note="a job is kept and shown; a run of it is refused",
    ),
    Declared(
        "AWS::Glue::Trigger",
        "glue",
        create="CreateTrigger",
        update="UpdateTrigger",
        within="TriggerUpdate",
        delete="DeleteTrigger",
        read="GetTrigger",
        named="Name",
        longest=255,
        keys={"Name": "@"},
        tagging=tagging("trigger"),
        replacing=frozenset({"Name", "Type", "WorkflowName"}),
        note="a trigger is kept and shown; it starts nothing",
    ),
    SECURITY,
    Declared(
        "AWS::Glue::DataCatalogEncryptionSettings",
        "glue",
        create="PutDataCatalogEncryptionSettings",
        update="PutDataCatalogEncryptionSettings",
        identity="{CatalogId}",
        keys={"CatalogId": "CatalogId"},
        before_delete=forget_encryption,
        tags="",
        replacing=frozenset({"CatalogId"}),
    ),
)
TYPES = by_name(*ALL)
TYPES[SECURITY.name] = replace(TYPES[SECURITY.name], update=change_security)
