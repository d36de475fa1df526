"""A cloud in which everything exists that the requests of the coverage test name."""

import itertools
import json
import time

from conformance import events, functions, records
from conformance.asking import ask, document

ROLE = "arn:aws:iam::123456789012:role/execution"
TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.19-cpu-py312"
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PREFIX = "arn:aws:sagemaker:us-east-1:123456789012:"
TOKEN = "t" * 32
NUMBERS = itertools.count()
FAIL = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Parameters": [{"Name": n, "Type": "String", "DefaultValue": "x"} for n in "ab"],
        "Steps": [
            {
                "Name": "Choose",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [{"Type": "Equals", "LeftValue": "1", "RightValue": "2"}],
                    "IfSteps": [],
                    "ElseSteps": [FAIL],
                },
            },
        ],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
    }
)
# A job whose input does not exist fails before a process is started.
NOTHING_THERE = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/nothing/here"}
TRAINING = {
    "AlgorithmSpecification": {"TrainingImage": TENSORFLOW, "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "InputDataConfig": [{"ChannelName": "a", "DataSource": {"S3DataSource": NOTHING_THERE}}],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}
INPUT = NOTHING_THERE | {"LocalPath": "/opt/ml/processing/a", "S3InputMode": "File"}
PROCESSING = {
    "AppSpecification": {"ImageUri": SKLEARN, "ContainerEntrypoint": ["true"]},
    "ProcessingInputs": [{"InputName": "a", "S3Input": INPUT}],
    "ProcessingResources": {
        "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    },
    "RoleArn": ROLE,
}
TRANSFORM = {
    "ModelName": "servable",
    "TransformInput": {"DataSource": {"S3DataSource": NOTHING_THERE}},
    "TransformOutput": {"S3OutputPath": "s3://bucket/out"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
CONTAINER = {"PrimaryContainer": {"Image": "i"}}
VARIANT = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
VARIANTS = {"ProductionVariants": [VARIANT | {"ModelName": "m"}]}
COMPONENTS = {"ProductionVariants": [VARIANT], "ExecutionRoleArn": ROLE}
# Without a copy it needs no server.
COMPONENT = {
    "EndpointName": "e",
    "RuntimeConfig": {"CopyCount": 0},
    "Specification": {
        "ModelName": "m",
        "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
    },
}
SPECIFICATION = {"InferenceSpecification": {"Containers": [{"Image": "i"}]}}
ALARM = {
    **{"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "Threshold": 1},
    **{"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"},
}
LIMITS = {"MinCapacity": 1, "MaxCapacity": 9}
STEP_POLICY = {
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {
        "AdjustmentType": "ExactCapacity",
        "StepAdjustments": [{"ScalingAdjustment": 1}],
    },
}
SCHEDULED = {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MaxCapacity": 9}}
PIPELINE = {"PipelineDefinition": DEFINITION, "RoleArn": ROLE}


def new(prefix="n"):
    return f"{prefix}-{next(NUMBERS)}"


# What makes an operation succeed, where the smallest request does not; names of things that are
# made anew for every request are called by it.
EXAMPLES = {
    "CreateModel": lambda w: {"ModelName": new(), **CONTAINER},
    "DescribeModel": lambda w: {"ModelName": "m"},
    "DeleteModel": lambda w: {"ModelName": w.made("CreateModel", "ModelName")},
    "CreateEndpointConfig": lambda w: {"EndpointConfigName": new(), **VARIANTS},
    "DescribeEndpointConfig": lambda w: {"EndpointConfigName": "c"},
    "DeleteEndpointConfig": lambda w: {
        "EndpointConfigName": w.made("CreateEndpointConfig", "EndpointConfigName")
    },
    "CreateEndpoint": lambda w: {"EndpointName": new(), "EndpointConfigName": "c"},
    "DescribeEndpoint": lambda w: {"EndpointName": "e"},
    "DeleteEndpoint": lambda w: {"EndpointName": w.served()},
    "UpdateEndpoint": lambda w: {"EndpointName": w.served(), "EndpointConfigName": "c"},
    "UpdateEndpointWeightsAndCapacities": lambda w: {
        "EndpointName": w.served(),
        "DesiredWeightsAndCapacities": [{"VariantName": "v"}],
    },
    "CreateInferenceComponent": lambda w: {"InferenceComponentName": new(), **COMPONENT},
    "DescribeInferenceComponent": lambda w: {"InferenceComponentName": "ic"},
    "UpdateInferenceComponent": lambda w: {"InferenceComponentName": w.placed()},
    "UpdateInferenceComponentRuntimeConfig": lambda w: {
        "InferenceComponentName": w.placed(),
        "DesiredRuntimeConfig": {"CopyCount": 0},
    },
    "DeleteInferenceComponent": lambda w: {"InferenceComponentName": w.placed()},
    "CreateModelPackageGroup": lambda w: {"ModelPackageGroupName": new()},
    "DescribeModelPackageGroup": lambda w: {"ModelPackageGroupName": "g"},
    "DeleteModelPackageGroup": lambda w: {
        "ModelPackageGroupName": w.made("CreateModelPackageGroup", "ModelPackageGroupName")
    },
    "PutModelPackageGroupPolicy": lambda w: {
        "ModelPackageGroupName": "g",
        "ResourcePolicy": json.dumps({"Version": "2012-10-17", "Statement": []}),
    },
    "GetModelPackageGroupPolicy": lambda w: {"ModelPackageGroupName": "g"},
    "DeleteModelPackageGroupPolicy": lambda w: {"ModelPackageGroupName": "unshared"},
    "CreateModelPackage": lambda w: {"ModelPackageGroupName": "g", **SPECIFICATION},
    "DescribeModelPackage": lambda w: {"ModelPackageName": "g/1"},
    "BatchDescribeModelPackage": lambda w: {"ModelPackageArnList": [PREFIX + "model-package/g/1"]},
    "UpdateModelPackage": lambda w: {
        "ModelPackageArn": w.answered("CreateModelPackage", "ModelPackageArn")
    },
    "DeleteModelPackage": lambda w: {
        "ModelPackageName": w.answered("CreateModelPackage", "ModelPackageArn")
    },
    "AddTags": lambda w: {
        "ResourceArn": PREFIX + "model/m",
        "Tags": [{"Key": "a", "Value": "b"}],
    },
    "ListTags": lambda w: {"ResourceArn": PREFIX + "model/m"},
    "DeleteTags": lambda w: {"ResourceArn": PREFIX + "model/m", "TagKeys": ["a"]},
    "CreateTrainingJob": lambda w: {"TrainingJobName": new(), **TRAINING},
    "DescribeTrainingJob": lambda w: {"TrainingJobName": "t"},
    "UpdateTrainingJob": lambda w: {"TrainingJobName": "t"},
    "CreateProcessingJob": lambda w: {"ProcessingJobName": new(), **PROCESSING},
    "DescribeProcessingJob": lambda w: {"ProcessingJobName": "p"},
    "CreateTransformJob": lambda w: {"TransformJobName": new(), **TRANSFORM},
    "DescribeTransformJob": lambda w: {"TransformJobName": "b"},
    "CreatePipeline": lambda w: {
        "PipelineName": new(),
        "ClientRequestToken": TOKEN,
        **PIPELINE,
    },
    "DescribePipeline": lambda w: {"PipelineName": "line"},
    "UpdatePipeline": lambda w: {"PipelineName": "line"},
    "DeletePipeline": lambda w: {
        "PipelineName": w.made("CreatePipeline", "PipelineName"),
        "ClientRequestToken": TOKEN,
    },
    "ListPipelineVersions": lambda w: {"PipelineName": "line"},
    "UpdatePipelineVersion": lambda w: {
        "PipelineArn": PREFIX + "pipeline/line",
        "PipelineVersionId": 1,
    },
    "StartPipelineExecution": lambda w: {
        "PipelineName": "line",
        "ClientRequestToken": new(TOKEN),
    },
    "UpdatePipelineExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "DescribePipelineExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "DescribePipelineDefinitionForExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "ListPipelineExecutions": lambda w: {"PipelineName": "line"},
    "ListPipelineExecutionSteps": lambda w: {"PipelineExecutionArn": w.execution},
    "ListPipelineParametersForExecution": lambda w: {"PipelineExecutionArn": w.execution},
    "SimulatePrincipalPolicy": lambda w: {"PolicySourceArn": ROLE, "ActionNames": ["s3:Get"]},
    "SimulateCustomPolicy": lambda w: {
        "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": []})],
        "ActionNames": ["s3:GetObject"],
    },
    "AssumeRole": lambda w: {"RoleArn": ROLE, "RoleSessionName": "me"},
    "PutMetricAlarm": lambda w: {"AlarmName": new(), **ALARM},
    "PutCompositeAlarm": lambda w: {"AlarmName": new(), "AlarmRule": f"ALARM({w.alarm()})"},
    "SetAlarmState": lambda w: {"AlarmName": w.alarm(), "StateValue": "OK", "StateReason": "r"},
    "DeleteAlarms": lambda w: {"AlarmNames": [w.alarm()]},
    "RegisterScalableTarget": lambda w: w.target() | LIMITS,
    "DeregisterScalableTarget": lambda w: w.target(),
    "PutScalingPolicy": lambda w: w.target() | {"PolicyName": "p", **STEP_POLICY},
    "DeleteScalingPolicy": lambda w: (
        w.target("PutScalingPolicy", PolicyName="p", **STEP_POLICY) | {"PolicyName": "p"}
    ),
    "PutScheduledAction": lambda w: w.target() | {"ScheduledActionName": "a", **SCHEDULED},
    "DeleteScheduledAction": lambda w: (
        w.target("PutScheduledAction", ScheduledActionName="a", **SCHEDULED)
        | {"ScheduledActionName": "a"}
    ),
    "DescribeScalableTargets": lambda w: {"ServiceNamespace": "sagemaker"},
    "DescribeScalingPolicies": lambda w: {"ServiceNamespace": "sagemaker"},
    "DescribeScalingActivities": lambda w: {"ServiceNamespace": "sagemaker"},
    "DescribeScheduledActions": lambda w: {"ServiceNamespace": "sagemaker"},
    "DescribeLogStreams": lambda w: {"logGroupName": "/aws/sagemaker/TrainingJobs"},
    "FilterLogEvents": lambda w: {"logGroupName": "/aws/sagemaker/TrainingJobs"},
}
EXAMPLES |= records.examples(new) | functions.examples(new) | events.examples(new)
# What has ended cannot be stopped or tried again, and is still ending when it is deleted.
ENDED = {
    "StopTrainingJob": lambda w: {"TrainingJobName": "t"},
    "DeleteTrainingJob": lambda w: {"TrainingJobName": w.made(*JOBS["TrainingJob"])},
    "StopProcessingJob": lambda w: {"ProcessingJobName": "p"},
    "DeleteProcessingJob": lambda w: {"ProcessingJobName": w.made(*JOBS["ProcessingJob"])},
    "StopTransformJob": lambda w: {"TransformJobName": "b"},
    "StopPipelineExecution": lambda w: {
        "PipelineExecutionArn": w.execution,
        "ClientRequestToken": new(TOKEN),
    },
    "RetryPipelineExecution": lambda w: {
        "PipelineExecutionArn": w.execution,
        "ClientRequestToken": new(TOKEN),
    },
}
JOBS = {kind: (f"Create{kind}", f"{kind}Name") for kind in ("TrainingJob", "ProcessingJob")}
# Where what was asked for shows: the operation, and how its request is made of ours and the answer
DESCRIBED = {
    "CreateModel": ("DescribeModel", lambda r, a: {"ModelName": r["ModelName"]}),
    "CreateEndpointConfig": (
        "DescribeEndpointConfig",
        lambda r, a: {"EndpointConfigName": r["EndpointConfigName"]},
    ),
    "CreateEndpoint": ("DescribeEndpoint", lambda r, a: {"EndpointName": r["EndpointName"]}),
    "CreateInferenceComponent": (
        "DescribeInferenceComponent",
        lambda r, a: {"InferenceComponentName": r["InferenceComponentName"]},
    ),
    "CreateModelPackageGroup": (
        "DescribeModelPackageGroup",
        lambda r, a: {"ModelPackageGroupName": r["ModelPackageGroupName"]},
    ),
    "PutModelPackageGroupPolicy": (
        "GetModelPackageGroupPolicy",
        lambda r, a: {"ModelPackageGroupName": r["ModelPackageGroupName"]},
    ),
    "CreateModelPackage": (
        "DescribeModelPackage",
        lambda r, a: {"ModelPackageName": a["ModelPackageArn"]},
    ),
    "UpdateModelPackage": (
        "DescribeModelPackage",
        lambda r, a: {"ModelPackageName": a["ModelPackageArn"]},
    ),
    "CreateTrainingJob": (
        "DescribeTrainingJob",
        lambda r, a: {"TrainingJobName": r["TrainingJobName"]},
    ),
    "UpdateTrainingJob": ("DescribeTrainingJob", lambda r, a: {"TrainingJobName": "t"}),
    "CreateProcessingJob": (
        "DescribeProcessingJob",
        lambda r, a: {"ProcessingJobName": r["ProcessingJobName"]},
    ),
    "CreateTransformJob": (
        "DescribeTransformJob",
        lambda r, a: {"TransformJobName": r["TransformJobName"]},
    ),
    "CreatePipeline": ("DescribePipeline", lambda r, a: {"PipelineName": r["PipelineName"]}),
    "UpdatePipeline": ("DescribePipeline", lambda r, a: {"PipelineName": r["PipelineName"]}),
    "UpdatePipelineVersion": (
        "DescribePipeline",
        lambda r, a: {"PipelineName": r["PipelineArn"], "PipelineVersionId": 1},
    ),
    "StartPipelineExecution": ("DescribePipelineExecution", lambda r, a: a),
    "UpdatePipelineExecution": ("DescribePipelineExecution", lambda r, a: a),
    "AddTags": ("ListTags", lambda r, a: {"ResourceArn": r["ResourceArn"]}),
}
DESCRIBED |= records.described() | functions.described() | events.described()


class World:
    """A cloud in which everything exists that the examples name."""

    def __init__(self, application):
        self.application = application
        self.scaled = None
        role = {"RoleName": "execution", "AssumeRolePolicyDocument": TRUST}
        assert ask(application, "iam", "CreateRole", role)[0] == 200
        tag = {"Tags": [{"Key": "a", "Value": "b"}]}
        self.must("CreateModel", {"ModelName": "m", **CONTAINER, **tag})
        self.must("CreateModel", {"ModelName": "m2", **CONTAINER})
        self.must("CreateEndpointConfig", {"EndpointConfigName": "c", **COMPONENTS})
        self.must("CreateEndpointConfig", {"EndpointConfigName": "c2", **VARIANTS})
        for name in ("e", "e2"):
            self.must("CreateEndpoint", {"EndpointName": name, "EndpointConfigName": "c"})
        self.settled("Endpoint", "e")
        for name in ("ic", "ic2"):
            self.must("CreateInferenceComponent", {"InferenceComponentName": name, **COMPONENT})
        self.must(
            "CreateModel", {"ModelName": "servable", "PrimaryContainer": {"Image": TENSORFLOW}}
        )
        for name in ("b", "b2"):
            self.must("CreateTransformJob", {"TransformJobName": name, **TRANSFORM})
        for group in ("g", "unshared"):
            self.must("CreateModelPackageGroup", {"ModelPackageGroupName": group})
        self.must("PutModelPackageGroupPolicy", EXAMPLES["PutModelPackageGroupPolicy"](self))
        for _ in range(2):
            self.must("CreateModelPackage", {"ModelPackageGroupName": "g", **SPECIFICATION})
            self.must("CreateModelPackage", {"ModelPackageName": new(), **SPECIFICATION})
        for letter in ("", "2"):
            self.must("CreateTrainingJob", {"TrainingJobName": "t" + letter, **TRAINING})
            self.must("CreateProcessingJob", {"ProcessingJobName": "p" + letter, **PROCESSING})
            pipeline = {"PipelineName": "line" + letter, "ClientRequestToken": TOKEN}
            self.must("CreatePipeline", {**pipeline, **PIPELINE})
        other = {"PipelineDefinition": DEFINITION.replace("no", "never")}
        self.must("UpdatePipeline", {"PipelineName": "line", **other})
        for token in (TOKEN, TOKEN + "u"):
            start = {"PipelineName": "line", "ClientRequestToken": token}
            self.execution = self.must("StartPipelineExecution", start)["PipelineExecutionArn"]
        records.populate(self)
        functions.populate(self)
        events.populate(self)
        while self.status(self.execution) == "Executing":
            time.sleep(0.02)

    def functions(self, name, members):
        return self.must(name, members, "lambda")

    def must(self, name, members, service="sagemaker"):
        status, body = ask(self.application, service, name, members)
        assert status < 300, f"{name}: {body}"
        return document(body)

    def status(self, execution):
        of = {"PipelineExecutionArn": execution}
        return self.must("DescribePipelineExecution", of)["PipelineExecutionStatus"]

    def served(self):
        """Return the name of an endpoint that is InService; it has no model, so it needs no server."""
        name = self.made("CreateEndpoint", "EndpointName")
        self.settled("Endpoint", name)
        return name

    def placed(self):
        """Return the name of an inference component that is InService."""
        name = self.made("CreateInferenceComponent", "InferenceComponentName")
        self.settled("InferenceComponent", name)
        return name

    def settled(self, kind, name):
        while self.must(f"Describe{kind}", {f"{kind}Name": name})[f"{kind}Status"] == "Creating":
            time.sleep(0.002)

    def target(self, operation="", **more):
        """Return what names a scalable target, which is registered anew; ask one operation about it."""
        if self.scaled is None:
            self.scaled = {
                "ServiceNamespace": "sagemaker",
                "ResourceId": f"endpoint/{self.served()}/variant/v",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            }
        for name, members in (("RegisterScalableTarget", LIMITS), (operation, more)):
            request = self.scaled | members
            assert not name or self.ask("application-autoscaling", name, request) == 200
        return dict(self.scaled)

    def ask(self, service, name, members):
        return ask(self.application, service, name, members)[0]

    def alarm(self):
        request = {"AlarmName": new(), **ALARM}
        assert self.ask("cloudwatch", "PutMetricAlarm", request) == 200
        return request["AlarmName"]

    def made(self, name, member):
        request = EXAMPLES[name](self)
        self.must(name, request)
        return request[member]

    def answered(self, name, member):
        return self.must(name, EXAMPLES[name](self))[member]
