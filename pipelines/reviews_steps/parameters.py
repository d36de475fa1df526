"""The parameters of the reviews pipelines: whatever an execution may change without a new definition."""

from dataclasses import dataclass, fields

from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import (
    Parameter,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)


@dataclass(frozen=True)
class Parameters:
    """Parameters by name; each default is a value the pipeline runs with."""

    input_data: ParameterString
    input_prefix: ParameterString
    input_revision: ParameterString
    weights: ParameterString
    processing_instance_type: ParameterString
    processing_instance_count: ParameterInteger
    max_seq_length: ParameterInteger
    balance_dataset: ParameterString
    train_split_percentage: ParameterFloat
    validation_split_percentage: ParameterFloat
    test_split_percentage: ParameterFloat
    feature_store_offline_prefix: ParameterString
    feature_group_name: ParameterString
    minimum_review_count: ParameterInteger
    maximum_reject_share: ParameterFloat
    learning_rate: ParameterFloat
    epsilon: ParameterFloat
    epochs: ParameterInteger
    train_batch_size: ParameterInteger
    validation_batch_size: ParameterInteger
    test_batch_size: ParameterInteger
    train_steps_per_epoch: ParameterInteger
    validation_steps: ParameterInteger
    freeze_bert_layer: ParameterString
    training_instance_type: ParameterString
    training_instance_count: ParameterInteger
    accuracy_threshold: ParameterFloat
    model_package_group_name: ParameterString
    deploy_instance_type: ParameterString
    deploy_instance_count: ParameterInteger

    def raw(self) -> Join:
        """Return the S3 URI of the review files of an execution."""
        return Join(on="", values=[self.input_data, self.input_prefix])

    def environment(self) -> dict[str, object]:
        """Return what jobs that read them have in their environment, which is part of the cache key."""
        return {"INPUT_REVISION": self.input_revision.to_string()}

    def all(self) -> list[Parameter]:
        """Return every parameter, in the order above."""
        return [getattr(self, field.name) for field in fields(self)]


def parameters(input_data: str, weights: str, group: str | None = None) -> Parameters:
    """Return the parameters with their defaults.

    Args:
        input_data: S3 URI of the review files that are used unless an execution names others.
        weights: S3 URI of the pre-trained encoder, a Hugging Face folder.
        group: The model package group; None for `reviews-bert`.
    """
    return Parameters(
        input_data=ParameterString("InputData", default_value=input_data),
        # The folder below InputData: a trigger knows the bucket, and where in it files have landed.
        input_prefix=ParameterString("InputPrefix", default_value=""),
        # Tells files apart that lie in the same folder one after the other: no cache looks into S3.
        input_revision=ParameterString("InputRevision", default_value=""),
        weights=ParameterString("WeightsUri", default_value=weights),
        processing_instance_type=ParameterString(
            "ProcessingInstanceType", default_value="ml.c5.2xlarge"
        ),
        processing_instance_count=ParameterInteger("ProcessingInstanceCount", default_value=1),
        max_seq_length=ParameterInteger("MaxSeqLength", default_value=64),
        balance_dataset=ParameterString(
            "BalanceDataset", default_value="True", enum_values=["True", "False"]
        ),
        train_split_percentage=ParameterFloat("TrainSplitPercentage", default_value=0.9),
        validation_split_percentage=ParameterFloat("ValidationSplitPercentage", default_value=0.05),
        test_split_percentage=ParameterFloat("TestSplitPercentage", default_value=0.05),
        # No time in these two: it would change the arguments of each run, and no cache would ever hit.
        feature_store_offline_prefix=ParameterString(
            "FeatureStoreOfflinePrefix", default_value="reviews-feature-store"
        ),
        feature_group_name=ParameterString(
            "FeatureGroupName", default_value="reviews-feature-group"
        ),
        minimum_review_count=ParameterInteger("MinimumReviewCount", default_value=1000),
        maximum_reject_share=ParameterFloat("MaximumRejectShare", default_value=0.01),
        learning_rate=ParameterFloat("LearningRate", default_value=0.00001),
        epsilon=ParameterFloat("Epsilon", default_value=0.00000001),
        epochs=ParameterInteger("Epochs", default_value=3),
        train_batch_size=ParameterInteger("TrainBatchSize", default_value=128),
        validation_batch_size=ParameterInteger("ValidationBatchSize", default_value=128),
        test_batch_size=ParameterInteger("TestBatchSize", default_value=128),
        train_steps_per_epoch=ParameterInteger("TrainStepsPerEpoch", default_value=0),
        validation_steps=ParameterInteger("ValidationSteps", default_value=0),
        freeze_bert_layer=ParameterString(
            "FreezeBertLayer", default_value="False", enum_values=["True", "False"]
        ),
        training_instance_type=ParameterString(
            "TrainingInstanceType", default_value="ml.c5.9xlarge"
        ),
        training_instance_count=ParameterInteger("TrainingInstanceCount", default_value=1),
        accuracy_threshold=ParameterFloat("AccuracyThreshold", default_value=0.5),
        model_package_group_name=ParameterString(
            "ModelPackageGroupName", default_value=group or "reviews-bert"
        ),
        deploy_instance_type=ParameterString("DeployInstanceType", default_value="ml.m5.4xlarge"),
        deploy_instance_count=ParameterInteger("DeployInstanceCount", default_value=1),
    )
