"""AWS::SSM: parameters and documents."""

from slipway.cloud.cloudformation.declared import Declared, by_name

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
)
TYPES = by_name(*ALL)
