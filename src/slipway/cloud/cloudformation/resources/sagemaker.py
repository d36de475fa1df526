"""AWS::SageMaker: pipelines, the model registry, models and endpoints; Studio's types beside them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.resources import sagemaker_monitoring, sagemaker_studio
from slipway.cloud.cloudformation.resources.sagemaker_names import TAGGING, arn_of
from slipway.cloud.cloudformation.settling import settled

HOUR = 3600  # an endpoint's release may take as long: its traffic shifts step by step


def defined(asked: Asked) -> Properties:
    """Return a pipeline's properties with its definition as the API takes it."""
    given: Mapping[str, Any] = asked.properties.get("PipelineDefinition", {})
    rest = {n: value for n, value in asked.properties.items() if n != "PipelineDefinition"}
    if "PipelineDefinitionBody" in given:
        return rest | {"PipelineDefinition": given["PipelineDefinitionBody"]}
    if not (location := given.get("PipelineDefinitionS3Location")):
        raise Failed("PipelineDefinition needs a PipelineDefinitionBody or …S3Location.")
    if "ETag" in location:
        raise Failed(
            "The local cloud does not support PipelineDefinitionS3Location ETag: use Version."
        )
    names = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}
    location = {names[n]: value for n, value in location.items() if n in names}
    return rest | {"PipelineDefinitionS3Location": location}


def taggable(asked: Asked) -> Asked:
    """Return what is asked for without the stack's tags where it is a version, which takes none."""
    return replace(asked, tags={}) if "ModelPackageGroupName" in asked.properties else asked


def update_endpoint(asked: Asked, made: Made, before: Properties) -> Made:
    """Release a configuration, unless an attempt that was killed, or its rollback, has done it."""
    sagemaker, name = asked.client("sagemaker"), made.physical_id.rpartition("/")[2]
    look = partial(sagemaker.describe_endpoint, EndpointName=name)
    found = settled(look, "!ends_with(EndpointStatus, 'ing')", "", HOUR)
    if found["EndpointStatus"] == "InService" and serves(asked, found):
        of_release = ("EndpointConfigName", "DeploymentConfig", *ENDPOINT.updated)
        before = {n: v for n, v in before.items() if n not in of_release} | {
            n: asked.properties[n] for n in of_release if n in asked.properties
        }
    return ENDPOINT.type().update(asked, made, before)


def serves(asked: Asked, endpoint: Mapping[str, Any]) -> bool:
    """Tell whether an endpoint has the configuration that is asked for."""
    wanted: str = existing(asked)["EndpointConfigName"]
    return bool(endpoint["EndpointConfigName"].lower() == wanted.lower())


def released(asked: Asked, made: Made, before: Properties) -> None:
    """Fail when an endpoint went back to the configuration that it had."""
    name = made.physical_id.rpartition("/")[2]
    found = asked.client("sagemaker").describe_endpoint(EndpointName=name)
    if not serves(asked, found):
        wanted = asked.properties["EndpointConfigName"]
        raise Failed(found.get("FailureReason") or f"The update to {wanted} was rolled back.")


def existing(asked: Asked) -> Properties:
    """Return an endpoint's properties; a configuration may be given as its ARN, which Ref returns."""
    config = asked.properties.get("EndpointConfigName", "")
    return {**asked.properties, "EndpointConfigName": config.rpartition("/")[2]}


def of_models(asked: Asked) -> Properties:
    """Return an endpoint configuration's properties, its models by name where ARNs are given."""
    kinds = ("ProductionVariants", "ShadowProductionVariants")
    own = dict(asked.properties)
    for kind in kinds:
        if kind in own:
            own[kind] = [with_name(variant) for variant in own[kind]]
    return own


def with_name(variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return a variant with its model's name in the place of an ARN."""
    model = variant.get("ModelName")
    return {**variant, "ModelName": model.rpartition("/")[2]} if model else dict(variant)


ENDPOINT_FAILED = "contains(['Failed', 'UpdateRollbackFailed'], EndpointStatus) && FailureReason"
ENDPOINT = Declared(
    "AWS::SageMaker::Endpoint",
    "sagemaker",
    create="CreateEndpoint",
    update="UpdateEndpoint",
    delete="DeleteEndpoint",
    read="DescribeEndpoint",
    named="EndpointName",
    longest=63,
    ref="EndpointArn",
    find=arn_of("DescribeEndpoint", "EndpointName", "EndpointArn"),
    keys={"EndpointName": "={last}"},
    attributes={"EndpointName": "EndpointName", "EndpointArn": "EndpointArn"},
    stable="EndpointStatus == 'InService'",
    failed=ENDPOINT_FAILED,
    patience=HOUR,
    form=existing,
    updated=frozenset(
        {
            *("RetainAllVariantProperties", "ExcludeRetainedVariantProperties"),
            "RetainDeploymentConfig",
        }
    ),
    after=released,
    tagging=TAGGING,
    replacing=frozenset({"EndpointName"}),
)
MODELS = (
    Declared(
        "AWS::SageMaker::Pipeline",
        "sagemaker",
        create="CreatePipeline",
        update="UpdatePipeline",
        delete="DeletePipeline",
        read="DescribePipeline",
        identity="{PipelineName}",
        keys={"PipelineName": "@"},
        form=defined,
        tagging=(
            "AddTags",
            "DeleteTags",
            {"ResourceArn": "=arn:aws:sagemaker:{region}:{account}:pipeline/{id}"},
        ),
        replacing=frozenset({"PipelineName"}),
    ),
    Declared(
        "AWS::SageMaker::ModelPackageGroup",
        "sagemaker",
        create="CreateModelPackageGroup",
        delete="DeleteModelPackageGroup",
        read="DescribeModelPackageGroup",
        named="ModelPackageGroupName",
        longest=63,
        ref="ModelPackageGroupArn",
        find=arn_of("DescribeModelPackageGroup", "ModelPackageGroupName", "ModelPackageGroupArn"),
        keys={"ModelPackageGroupName": "={last}"},
        attributes={
            "ModelPackageGroupArn": "ModelPackageGroupArn",
            "CreationTime": "CreationTime",
            "ModelPackageGroupStatus": "ModelPackageGroupStatus",
        },
        parts=(
            Part(
                "ModelPackageGroupPolicy",
                "PutModelPackageGroupPolicy",
                "DeleteModelPackageGroupPolicy",
                member="ResourcePolicy",
            ),
        ),
        tagging=TAGGING,
        replacing=frozenset({"ModelPackageGroupName", "ModelPackageGroupDescription"}),
    ),
    Declared(
        "AWS::SageMaker::ModelPackage",
        "sagemaker",
        create="CreateModelPackage",
        update="UpdateModelPackage",
        delete="DeleteModelPackage",
        read="DescribeModelPackage",
        ref="ModelPackageArn",
        keys={"ModelPackageArn": "@", "ModelPackageName": "@"},
        attributes={
            "ModelPackageArn": "ModelPackageArn",
            "ModelPackageStatus": "ModelPackageStatus",
            "CreationTime": "CreationTime",
        },
        tagging=TAGGING,
        updated=frozenset({"ApprovalDescription", "AdditionalInferenceSpecificationsToAdd"}),
        refused={"ModelPackageStatusDetails": "no model is validated"},
        replacing=frozenset(
            {
                *("ModelPackageGroupName", "ModelPackageName", "ModelPackageDescription"),
                *("InferenceSpecification", "SourceAlgorithmSpecification", "MetadataProperties"),
                *("ModelMetrics", "ClientToken", "DriftCheckBaselines", "Domain", "Task"),
                *("SamplePayloadUrl", "SecurityConfig", "ModelCard", "SourceUri"),
            }
        ),
    ),
    Declared(
        "AWS::SageMaker::Model",
        "sagemaker",
        create="CreateModel",
        delete="DeleteModel",
        read="DescribeModel",
        named="ModelName",
        longest=63,
        ref="ModelArn",
        find=arn_of("DescribeModel", "ModelName", "ModelArn"),
        keys={"ModelName": "={last}"},
        attributes={"ModelName": "ModelName", "ModelArn": "ModelArn"},
        tagging=TAGGING,
        replacing=frozenset(
            {
                *("ModelName", "PrimaryContainer", "Containers", "ExecutionRoleArn"),
                *("EnableNetworkIsolation", "InferenceExecutionConfig", "VpcConfig"),
            }
        ),
    ),
    Declared(
        "AWS::SageMaker::EndpointConfig",
        "sagemaker",
        create="CreateEndpointConfig",
        delete="DeleteEndpointConfig",
        read="DescribeEndpointConfig",
        named="EndpointConfigName",
        longest=63,
        ref="EndpointConfigArn",
        find=arn_of("DescribeEndpointConfig", "EndpointConfigName", "EndpointConfigArn"),
        keys={"EndpointConfigName": "={last}"},
        attributes={
            "EndpointConfigName": "EndpointConfigName",
            "EndpointConfigArn": "EndpointConfigArn",
        },
        form=of_models,
        tagging=TAGGING,
        replacing=frozenset(
            {
                *("EndpointConfigName", "KmsKeyId", "AsyncInferenceConfig", "ExecutionRoleArn"),
                *("ProductionVariants", "ShadowProductionVariants", "EnableNetworkIsolation"),
                *("DataCaptureConfig", "ExplainerConfig", "MetricsConfig", "VpcConfig"),
            }
        ),
    ),
    ENDPOINT,
    Declared(
        "AWS::SageMaker::InferenceComponent",
        "sagemaker",
        create="CreateInferenceComponent",
        update="UpdateInferenceComponent",
        delete="DeleteInferenceComponent",
        read="DescribeInferenceComponent",
        named="InferenceComponentName",
        longest=63,
        ref="InferenceComponentArn",
        find=arn_of(
            "DescribeInferenceComponent", "InferenceComponentName", "InferenceComponentArn"
        ),
        keys={"InferenceComponentName": "={last}"},
        attributes={
            "InferenceComponentName": "InferenceComponentName",
            "InferenceComponentArn": "InferenceComponentArn",
            "InferenceComponentStatus": "InferenceComponentStatus",
            "CreationTime": "CreationTime",
            "LastModifiedTime": "LastModifiedTime",
        },
        stable="InferenceComponentStatus == 'InService'",
        failed="InferenceComponentStatus == 'Failed' && FailureReason",
        patience=HOUR,
        updated=frozenset({"DeploymentConfig"}),
        refused={"EndpointArn": "give the EndpointName", "Specifications": "give Specification"},
        tagging=TAGGING,
        replacing=frozenset({"InferenceComponentName", "EndpointName", "VariantName"}),
    ),
)
ALL = (*MODELS, *sagemaker_monitoring.ALL, *sagemaker_studio.ALL)
TYPES = by_name(*ALL)
PACKAGE = TYPES["AWS::SageMaker::ModelPackage"]
TYPES[PACKAGE.name] = replace(
    PACKAGE,
    create=lambda asked: PACKAGE.create(taggable(asked)),
    update=lambda asked, made, before: PACKAGE.update(taggable(asked), made, before),
)
TYPES[ENDPOINT.name] = replace(TYPES[ENDPOINT.name], update=update_endpoint)
