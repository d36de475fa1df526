"""The step types that a definition may name, and the keys each has beside the common ones."""

COMMON_KEYS = (
    "Name",
    "Type",
    "Arguments",
    "DependsOn",
    "DisplayName",
    "Description",
    "CacheConfig",
    "RetryPolicies",
)
_CHECK_KEYS = (
    "CheckType",
    "ModelPackageGroupName",
    "SkipCheck",
    "FailOnViolation",
    "RegisterNewBaseline",
    "SuppliedBaselineConstraints",
    "SuppliedBaselineStatistics",
    "ModelName",
)
# Types that the SDKs emit, and those that only the API's execution metadata knows.
STEP_KEYS: dict[str, tuple[str, ...]] = {
    "Processing": ("PropertyFiles",),
    "Training": (),
    "Transform": (),
    "Tuning": (),
    "AutoML": (),
    "Model": (),
    "RegisterModel": (),
    "Condition": (),
    "Fail": (),
    "Lambda": ("FunctionArn", "OutputParameters"),
    "Callback": ("SqsQueueUrl", "OutputParameters"),
    "QualityCheck": _CHECK_KEYS,
    "ClarifyCheck": _CHECK_KEYS,
    "EMR": (),
    "EMRServerless": (),
    "EndpointConfig": (),
    "Endpoint": (),
    "InferenceComponent": (),
    "Lineage": (),
    "Job": (),
    "Cleanup": (),
    "ForEach": (),
    "Athena": (),
    "HubContent": (),
    "BedrockCustomModel": (),
    "BedrockCustomModelDeployment": (),
    "BedrockProvisionedModelThroughput": (),
    "BedrockModelImport": (),
}
# Step types whose Arguments are the request of one SageMaker operation.
OPERATIONS: dict[str, str] = {
    "Processing": "CreateProcessingJob",
    "QualityCheck": "CreateProcessingJob",
    "ClarifyCheck": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Transform": "CreateTransformJob",
    "Tuning": "CreateHyperParameterTuningJob",
    "AutoML": "CreateAutoMLJob",
    "Model": "CreateModel",
    "RegisterModel": "CreateModelPackage",
    "EndpointConfig": "CreateEndpointConfig",
    "Endpoint": "CreateEndpoint",
    "InferenceComponent": "CreateInferenceComponent",
    "Job": "CreateJob",
}
# Members that the service fills when the step has none; a given job name is a prefix.
FILLED: dict[str, str] = {
    "CreateProcessingJob": "ProcessingJobName",
    "CreateTrainingJob": "TrainingJobName",
    "CreateTransformJob": "TransformJobName",
    "CreateHyperParameterTuningJob": "HyperParameterTuningJobName",
    "CreateAutoMLJob": "AutoMLJobName",
    "CreateModel": "ModelName",
    "CreateEndpointConfig": "EndpointConfigName",
    "CreateJob": "JobName",
}
# Without properties: nothing may refer to them.
WITHOUT_PROPERTIES = ("Fail", "Cleanup")
