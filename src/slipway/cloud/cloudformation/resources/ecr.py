"""AWS::ECR: repositories."""

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name

ALL = (
    Declared(
        "AWS::ECR::Repository",
        "ecr",
        create="CreateRepository",
        delete="DeleteRepository",
        read="DescribeRepositories",
        resource="repositories[0]",
        named="RepositoryName",
        longest=256,
        lower=True,
        keys={"repositoryName": "@"},
        read_keys={"repositoryNames": ["@"]},
        attributes={"Arn": "repositoryArn", "RepositoryUri": "repositoryUri"},
        parts=(
            Part(
                "LifecyclePolicy",
                "PutLifecyclePolicy",
                "DeleteLifecyclePolicy",
                form=lambda _, given: {"lifecyclePolicyText": given["LifecyclePolicyText"]},
            ),
            Part(
                "RepositoryPolicyText",
                "SetRepositoryPolicy",
                "DeleteRepositoryPolicy",
                member="policyText",
            ),
            Part("ImageScanningConfiguration", "PutImageScanningConfiguration"),
            Part("ImageTagMutability", "PutImageTagMutability"),
        ),
        tagging=(
            "TagResource",
            "UntagResource",
            {"resourceArn": "=arn:aws:ecr:{region}:{account}:repository/{id}"},
        ),
        refused={"ImageTagMutabilityExclusionFilters": "tags are mutable or not, all of them"},
        ignored={"EmptyOnDelete": "no image is ever in a repository of the local cloud"},
        replacing=frozenset({"RepositoryName", "EncryptionConfiguration"}),
    ),
)
TYPES = by_name(*ALL)
