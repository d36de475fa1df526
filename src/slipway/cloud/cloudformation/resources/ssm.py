"""AWS::SSM: parameters and documents."""

from slipway.cloud.cloudformation import members
from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties


def renew(asked: Asked, made: Made, before: Properties) -> None:
    """Give a document a new version, and make it the default one."""
    if not before or before.get("Content") == asked.properties["Content"]:
        return
    ssm, shape = asked.client("ssm"), members.operation("ssm", "UpdateDocument").input_shape
    given = {k: v for k, v in asked.properties.items() if k in shape.members}
    request = {**members.value(shape, given, "#"), "Name": made.physical_id}
    try:
        done = ssm.update_document(**request, DocumentVersion="$LATEST")
    except ssm.exceptions.DuplicateDocumentContent:
        return
    version = done["DocumentDescription"]["DocumentVersion"]
    ssm.update_document_default_version(Name=made.physical_id, DocumentVersion=version)


ALL = (
    Declared(
        "AWS::SSM::Parameter",
        "ssm",
        create="PutParameter",
        update="PutParameter",
        delete="DeleteParameter",
        read="GetParameter",
        resource="Parameter",
        named="Name",
        keys={"Name": "@"},
        on_update={"Overwrite": True},
        attributes={"Type": "Type", "Value": "Value", "Arn": "ARN"},
        tagging=(
            "AddTagsToResource",
            "RemoveTagsFromResource",
            {"ResourceType": "=Parameter", "ResourceId": "@"},
        ),
        replacing=frozenset({"Name"}),
    ),
    Declared(
        "AWS::SSM::Document",
        "ssm",
        create="CreateDocument",
        delete="DeleteDocument",
        read="DescribeDocument",
        resource="Document",
        named="Name",
        longest=128,
        keys={"Name": "@"},
        changing=frozenset({"Content", "DocumentFormat", "VersionName", "TargetType"}),
        after=renew,
        tagging=(
            "AddTagsToResource",
            "RemoveTagsFromResource",
            {"ResourceType": "=Document", "ResourceId": "@"},
        ),
        refused={
            "Attachments": "documents come without files",
            "Requires": "documents stand alone",
        },
        ignored={"UpdateMethod": "other content is a new version, as with NewVersion"},
        replacing=frozenset({"Name", "DocumentType"}),
    ),
)
TYPES = by_name(*ALL)
