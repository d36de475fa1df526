"""Where the local cloud does less than AWS with requests of the registry and of pipelines."""

from collections.abc import Mapping

from slipway.cloud.coverage import Coverage

UNENCRYPTED = "nothing is encrypted"
IN_VPC = "its calls of AWS go through the VPC's endpoints; it has no network of its own"
OWN_DISK = "everything is on this machine's disk"
IDEMPOTENT = "a request that is repeated with it changes nothing more"
TAGS = "shown by ListTags"
AS_ROLE = "its executions call AWS as it"

CONTAINERS = ("PrimaryContainer", "Containers[]")
SOURCES = ("ModelDataSource.S3DataSource", "AdditionalModelDataSources[].S3DataSource")


def of_containers(reasons: Mapping[str, str]) -> dict[str, str]:
    """Return the reasons for members of every container of a model."""
    return {f"{each}.{name}": why for each in CONTAINERS for name, why in reasons.items()}


def of_sources(reasons: Mapping[str, str]) -> dict[str, str]:
    """Return the reasons for members of every S3 source of a container."""
    return of_containers(
        {f"{each}.{name}": why for each in SOURCES for name, why in reasons.items()}
    )


COVERAGE = {
    "CreateModel": Coverage(
        behaves={"Tags": TAGS, "ExecutionRoleArn": "its containers call AWS as it"},
        refused=of_sources(
            {"HubAccessConfig": "there is no hub", "ManifestS3Uri": "its form is not published"}
        ),
        limited={"VpcConfig": IN_VPC},
        not_honored={
            **of_containers(
                {
                    "ImageConfig": "images are programs on this machine; there is no registry",
                    "ContainerMetricsConfig": "a container's own metrics are not collected",
                }
            ),
            **of_sources(
                {
                    "ModelAccessConfig": "no license has to be accepted here",
                    "ETag": "the object that is there is taken",
                    "ManifestEtag": "there is no manifest to compare with",
                }
            ),
        },
    ),
    "CreateModelPackage": Coverage(
        refused={"ValidationSpecification": "its profiles are batch transform jobs"},
        not_honored={
            "SecurityConfig": UNENCRYPTED,
            "CertifyForMarketplace": "there is no marketplace to certify for",
            "SkipModelValidation": "no model is validated",
            "ManagedStorageType": OWN_DISK,
        },
        behaves={"Tags": TAGS, "ClientToken": IDEMPOTENT},
    ),
    "CreateModelPackageGroup": Coverage(
        not_honored={"ManagedConfiguration": OWN_DISK}, behaves={"Tags": TAGS}
    ),
    "UpdateModelPackage": Coverage(
        behaves={
            "CustomerMetadataPropertiesToRemove": "takes properties away",
            "AdditionalInferenceSpecificationsToAdd": "shown in AdditionalInferenceSpecifications",
            "ClientToken": IDEMPOTENT,
        },
    ),
    "DescribeModelPackage": Coverage(
        behaves={"IncludedData": "MetadataOnly leaves out the model card's content"}
    ),
    "PutModelPackageGroupPolicy": Coverage(
        not_honored={"ResourcePolicy": "there are no other accounts to share with"}
    ),
    "ListModelPackages": Coverage(
        behaves={"ModelPackageType": "versions, packages without a group, or both"}
    ),
    "ListModelPackageGroups": Coverage(
        behaves={"CrossAccountFilterOption": "no other account shares any group"}
    ),
    "ListTrainingJobs": Coverage(
        behaves={
            "WarmPoolStatusEquals": "no job has a warm pool",
            "TrainingPlanArnEquals": "no job has a plan",
        }
    ),
    "CreatePipeline": Coverage(
        behaves={
            "Tags": TAGS,
            "RoleArn": AS_ROLE,
            "ClientRequestToken": IDEMPOTENT,
            "PipelineDefinitionS3Location": "read when the pipeline is created",
        },
    ),
    "UpdatePipeline": Coverage(
        behaves={
            "RoleArn": AS_ROLE,
            "PipelineDefinitionS3Location": "read when the pipeline is updated",
        },
    ),
    "DescribePipeline": Coverage(
        behaves={
            "PipelineVersionId": "chooses the version",
            "PipelineVersionAlias": "chooses the version",
        }
    ),
    "ListPipelines": Coverage(behaves={"ManagedBy": "no pipeline is AWS's own"}),
    "ListPipelineExecutions": Coverage(behaves={"PipelineVersionAlias": "chooses the version"}),
    "UpdatePipelineVersion": Coverage(
        behaves={
            "PipelineVersionId": "chooses the version",
            "PipelineVersionAliasOperations": "shown as PipelineVersionAliases",
        }
    ),
    "StartPipelineExecution": Coverage(
        behaves={
            "ClientRequestToken": IDEMPOTENT,
            "PipelineParameters": "shown by ListPipelineParametersForExecution",
            "PipelineVersionAlias": "chooses the version",
            "MlflowExperimentName": "shown as MLflowConfig",
        },
    ),
}
