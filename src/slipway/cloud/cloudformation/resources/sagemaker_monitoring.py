"""AWS::SageMaker: what monitoring jobs are to do, and model cards."""

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.resources.sagemaker_names import TAGGING, arn_of, tagging

KINDS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")


def definition(kind: str) -> Declared:
    """Return the type of a kind's job definitions, which never change."""
    name = f"{kind}JobDefinition"
    parts = ("AppSpecification", "BaselineConfig", "JobInput", "JobOutputConfig")
    common = ("JobDefinitionName", "JobResources", "NetworkConfig", "RoleArn", "StoppingCondition")
    return Declared(
        f"AWS::SageMaker::{name}",
        "sagemaker",
        create=f"Create{name}",
        delete=f"Delete{name}",
        read=f"Describe{name}",
        named="JobDefinitionName",
        longest=63,
        ref="JobDefinitionArn",
        find=arn_of(f"Describe{name}", "JobDefinitionName", "JobDefinitionArn"),
        keys={"JobDefinitionName": "={last}"},
        attributes={"JobDefinitionArn": "JobDefinitionArn", "CreationTime": "CreationTime"},
        tagging=TAGGING,
        refused={"EndpointName": f"give it in {kind}JobInput"},
        replacing=frozenset({*common, *(f"{kind}{part}" for part in parts)}),
    )


ALL = (
    *(definition(kind) for kind in KINDS),
    Declared(
        "AWS::SageMaker::ModelCard",
        "sagemaker",
        create="CreateModelCard",
        update="UpdateModelCard",
        delete="DeleteModelCard",
        read="DescribeModelCard",
        identity="{ModelCardName}",
        keys={"ModelCardName": "@"},
        attributes={"ModelCardArn": "ModelCardArn", "CreationTime": "CreationTime"},
        tagging=tagging("model-card/{id}"),
        refused={
            "CreatedBy": "it is who creates the card",
            "LastModifiedBy": "it is who changes the card",
        },
        replacing=frozenset({"ModelCardName", "SecurityConfig"}),
    ),
)
