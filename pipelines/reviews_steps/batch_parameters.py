"""The parameters of the pipeline `reviews-batch`."""

from dataclasses import dataclass, fields

from sagemaker.core.workflow.parameters import (
    Parameter,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)


@dataclass(frozen=True)
class BatchParameters:
    """Parameters by name; each default is a value the pipeline runs with."""

    input_data: ParameterString
    output_data: ParameterString
    model_package_group_name: ParameterString
    maximum_reject_share: ParameterFloat
    reviews_per_file: ParameterInteger
    processing_instance_type: ParameterString
    processing_instance_count: ParameterInteger
    transform_instance_type: ParameterString
    transform_instance_count: ParameterInteger
    max_concurrent_transforms: ParameterInteger

    def all(self) -> list[Parameter]:
        """Return every parameter, in the order above."""
        return [getattr(self, field.name) for field in fields(self)]


def parameters(bucket: str) -> BatchParameters:
    """Return the parameters with their defaults; `bucket` holds the reviews and the predictions."""
    return BatchParameters(
        input_data=ParameterString("InputData", default_value=f"s3://{bucket}/reviews/tsv/"),
        output_data=ParameterString(
            "OutputData", default_value=f"s3://{bucket}/reviews/predictions"
        ),
        model_package_group_name=ParameterString(
            "ModelPackageGroupName", default_value="reviews-bert"
        ),
        maximum_reject_share=ParameterFloat("MaximumRejectShare", default_value=0.01),
        reviews_per_file=ParameterInteger("ReviewsPerFile", default_value=20_000),
        processing_instance_type=ParameterString(
            "ProcessingInstanceType", default_value="ml.c5.2xlarge"
        ),
        processing_instance_count=ParameterInteger("ProcessingInstanceCount", default_value=1),
        transform_instance_type=ParameterString(
            "TransformInstanceType", default_value="ml.c5.4xlarge"
        ),
        transform_instance_count=ParameterInteger("TransformInstanceCount", default_value=1),
        max_concurrent_transforms=ParameterInteger("MaxConcurrentTransforms", default_value=32),
    )
