"""Where the local cloud does less than AWS with the requests for jobs."""

from slipway.cloud.coverage import Coverage

UNENCRYPTED = "the local cloud encrypts nothing; the key is kept and shown"
IN_VPC = "its calls of AWS go through the VPC's endpoints; it has no network of its own"
ONE_MACHINE = "jobs run on this machine, with its disk and its cores; it is kept and shown"
NO_CHAINING = "a job has one session of its role; it is kept and shown"
AS_ROLE = "the job calls AWS as it"
TOLD = "the job is told it, and runs on this machine; it is kept and shown"
DEBUGGER = "the managed Debugger is closed to new customers; it is kept and shown"
ENCRYPTION_BETWEEN = "instances talk on this machine's loopback; it is kept and shown"
EXPERIMENT = "nothing is recorded in an experiment; it is kept and shown"
HOMOGENEOUS = "use InstanceType and InstanceCount"
NO_FAULTS = "no instance fails or is taken away; it is kept and shown"
FAMILIES = "images of the known families, and those that `slipway image add` names"
FILES = "Pipe is refused; File and FastFile give the same files"
TAGS = "shown by ListTags"
PATHS = "the operators that AWS's page names; of CSV, columns by their index"

TRAINING = Coverage(
    refused={
        "AlgorithmSpecification.AlgorithmName": "name a TrainingImage",
        "AlgorithmSpecification.TrainingImageConfig": "images are environments on this machine",
        "InputDataConfig[].DataSource.FileSystemDataSource": "use S3DataSource",
        "InputDataConfig[].DataSource.DatasetSource": "use S3DataSource",
        "InputDataConfig[].DataSource.S3DataSource.AttributeNames": "they need Pipe mode",
        "InputDataConfig[].DataSource.S3DataSource.HubAccessConfig": "there is no hub",
        "InputDataConfig[].DataSource.S3DataSource.InstanceGroupNames": HOMOGENEOUS,
        "ModelPackageConfig": "register the model with CreateModelPackage",
        "ResourceConfig.InstanceGroups": HOMOGENEOUS,
        "ResourceConfig.InstancePreferences": HOMOGENEOUS,
        "ServerlessJobConfig": "name a TrainingImage",
    },
    limited={
        "AlgorithmSpecification.TrainingImage": FAMILIES,
        "AlgorithmSpecification.TrainingInputMode": FILES,
        "AlgorithmSpecification.MetricDefinitions[].Regex": "must be one that Python's re reads",
        "CheckpointConfig.LocalPath": "must lie below /opt/ml",
        "EnableNetworkIsolation": "refused where `slipway doctor` says that jobs cannot have it",
        "InputDataConfig[].InputMode": FILES,
        "InputDataConfig[].RecordWrapperType": "RecordIO is refused",
        "InputDataConfig[].DataSource.S3DataSource.S3DataType": "S3Prefix and ManifestFile",
        "OutputDataConfig.S3OutputPath": "must begin with s3://",
        "TensorBoardOutputConfig.LocalPath": "must lie below /opt/ml",
        "VpcConfig": IN_VPC,
    },
    not_honored={
        "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": "series are always kept",
        "DebugHookConfig": DEBUGGER,
        "DebugRuleConfigurations": DEBUGGER,
        "EnableInterContainerTrafficEncryption": ENCRYPTION_BETWEEN,
        "EnableManagedSpotTraining": NO_FAULTS,
        "ExperimentConfig": EXPERIMENT,
        "InfraCheckConfig": "there is no accelerator to check; it is kept and shown",
        "InputDataConfig[].DataSource.S3DataSource.ModelAccessConfig": "there is no hub",
        "InputDataConfig[].ShuffleConfig": "files are read in the order that the script chooses",
        "MlflowConfig": "nothing is sent to MLflow; it is kept and shown",
        "OutputDataConfig.KmsKeyId": UNENCRYPTED,
        "ProfilerConfig": DEBUGGER,
        "ProfilerRuleConfigurations": DEBUGGER,
        "RemoteDebugConfig": "the job's processes are on this machine; it is kept and shown",
        "ResourceConfig.InstancePlacementConfig": ONE_MACHINE,
        "ResourceConfig.InstanceType": TOLD,
        "ResourceConfig.KeepAlivePeriodInSeconds": "there is no pool to keep warm",
        "ResourceConfig.SelectedInstanceCount": ONE_MACHINE,
        "ResourceConfig.SelectedInstanceType": ONE_MACHINE,
        "ResourceConfig.TrainingPlanArn": ONE_MACHINE,
        "ResourceConfig.VolumeKmsKeyId": UNENCRYPTED,
        "ResourceConfig.VolumeSizeInGB": ONE_MACHINE,
        "RetryStrategy": NO_FAULTS,
        "SessionChainingConfig": NO_CHAINING,
        "StoppingCondition.MaxPendingTimeInSeconds": "no job waits for capacity",
        "StoppingCondition.MaxWaitTimeInSeconds": NO_FAULTS,
    },
    behaves={"Tags": TAGS, "RoleArn": AS_ROLE},
)
PROCESSING = Coverage(
    refused={
        "ProcessingInputs[].DatasetDefinition": "put the data into S3 and use S3Input",
        "ProcessingOutputConfig.Outputs[].FeatureStoreOutput": "use S3Output",
        "ProcessingResources.ClusterConfig.InstancePreferences": HOMOGENEOUS,
    },
    limited={
        "AppSpecification.ContainerEntrypoint": "needed, unless `slipway image add` gave the image a program",
        "AppSpecification.ImageUri": FAMILIES,
        "NetworkConfig.EnableNetworkIsolation": (
            "refused where `slipway doctor` says that jobs cannot have it"
        ),
        "NetworkConfig.VpcConfig": IN_VPC,
        "ProcessingInputs[].S3Input.S3InputMode": "Pipe is refused",
        "ProcessingInputs[].S3Input.S3Uri": "must begin with s3://",
        "ProcessingOutputConfig.Outputs[].S3Output.S3Uri": "must begin with s3://",
    },
    not_honored={
        "ExperimentConfig": EXPERIMENT,
        "NetworkConfig.EnableInterContainerTrafficEncryption": ENCRYPTION_BETWEEN,
        "ProcessingOutputConfig.KmsKeyId": UNENCRYPTED,
        "ProcessingResources.ClusterConfig.InstanceType": TOLD,
        "ProcessingResources.ClusterConfig.SelectedInstanceCount": ONE_MACHINE,
        "ProcessingResources.ClusterConfig.SelectedInstanceType": ONE_MACHINE,
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId": UNENCRYPTED,
        "ProcessingResources.ClusterConfig.VolumeSizeInGB": ONE_MACHINE,
    },
    behaves={"Tags": TAGS, "RoleArn": AS_ROLE},
)
UPDATE = Coverage(
    not_honored={
        "ProfilerConfig": DEBUGGER,
        "ProfilerRuleConfigurations": DEBUGGER,
        "RemoteDebugConfig": TRAINING.not_honored["RemoteDebugConfig"],
        "ResourceConfig": TRAINING.not_honored["ResourceConfig.KeepAlivePeriodInSeconds"],
    }
)
TRANSFORM = Coverage(
    limited={
        "DataCaptureConfig.DestinationS3Uri": "must begin with s3://",
        "DataProcessing.InputFilter": PATHS,
        "DataProcessing.OutputFilter": PATHS,
        "MaxPayloadInMB": "0 sends a whole object as one request, held in memory",
        "ModelName": "no multi-model, and no artifacts that are not packed, as on AWS",
        "TransformInput.DataSource.S3DataSource.S3DataType": "S3Prefix and ManifestFile",
        "TransformInput.DataSource.S3DataSource.S3Uri": "must begin with s3://",
        "TransformOutput.S3OutputPath": "must begin with s3://",
        "TransformResources.InstanceCount": "at most 100, as on AWS; they share this machine",
    },
    not_honored={
        "DataCaptureConfig.KmsKeyId": UNENCRYPTED,
        "ExperimentConfig": EXPERIMENT,
        "TransformOutput.KmsKeyId": UNENCRYPTED,
        "TransformResources.InstanceType": ONE_MACHINE,
        "TransformResources.TransformAmiVersion": ONE_MACHINE,
        "TransformResources.VolumeKmsKeyId": UNENCRYPTED,
    },
    behaves={"Tags": TAGS},
)
COVERAGE = {
    "CreateProcessingJob": PROCESSING,
    "CreateTrainingJob": TRAINING,
    "CreateTransformJob": TRANSFORM,
    "UpdateTrainingJob": UPDATE,
}
