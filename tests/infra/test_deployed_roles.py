"""The platform's own roles, deployed, in a cloud that enforces IAM: what each may and may not do.

For each guardrail a request that keeps it, one that says nothing and one that says something wrong.
"""

import itertools
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from guarding import refused
from infra.settings.load import load
from infra.stacks.lake import Lake
from infra.stacks.ml import Ml
from infra.stacks.network import Network
from rights import deploy
from slipway.cloud import credentials
from slipway.cloud.application import Application
from slipway.cloud.cloud import Cloud
from slipway.cloud.services import MODULES, owned
from slipway.cloud.serving import assemble, bound, stop
from synthesis import Assembly, new_app

REGION, ACCOUNT = "us-east-1", "123456789012"
STACKS = ("network", "lake", "ml")
EXPLICIT = "with an explicit deny in an identity-based policy"
OWN = credentials.Credentials(f"slipway-{ACCOUNT}", "slipway", "")
NUMBER = itertools.count(1)


@dataclass(frozen=True)
class Platform:
    """What of the platform bears on rights, and clients of it as its roles."""

    cloud: Cloud
    outputs: dict[str, str]
    denials: dict[str, Any]  # the condition of each guardrail by its Sid

    def client(self, service: str, of: credentials.Credentials = OWN) -> Any:
        return boto3.client(
            service,
            REGION,
            endpoint_url=self.cloud.endpoint,
            aws_access_key_id=of.access_key,
            aws_secret_access_key=of.secret_key,
            aws_session_token=of.token or None,
            config=Config(
                retries={"total_max_attempts": 1},
                parameter_validation=False,  # some guardrails are about what boto3 asks for too
                s3={"addressing_style": "path"},
            ),
        )

    def person(self, service: str, role: str) -> Any:
        """Return a client as a person who has assumed a role."""
        given = self.client("sts").assume_role(
            RoleArn=self.outputs[f"{role}RoleArn"], RoleSessionName="anna"
        )["Credentials"]
        keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return self.client(service, credentials.Credentials(*keys))

    def work(self, service: str, role: str, *, in_vpc: bool) -> Any:
        """Return a client as work of SageMaker's that acts as a role, in the VPC's subnets or not."""
        subnets = tuple(self.subnets) if in_vpc else ()
        arn = self.outputs[f"{role}RoleArn"]
        of = credentials.for_role(self.cloud, REGION, arn, "SageMaker", subnets=subnets)
        return self.client(service, of)

    def maker(self, kind: str) -> Any:
        """Return who makes jobs: a scientist, or an execution of the pipeline."""
        if kind == "Scientist":
            return self.person("sagemaker", kind)
        return self.work("sagemaker", kind, in_vpc=False)

    def value(self, sid: str) -> Any:
        """Return what a guardrail compares with."""
        ((_, values),) = next(iter(self.denials[sid].values())).items()
        return values

    @property
    def subnets(self) -> list[str]:
        return listed(self.value("OtherSubnets"))

    def job(self, kind: str, **changes: Any) -> dict[str, Any]:
        """Return a request for a training job that keeps every guardrail; no image runs it."""
        network = {
            "Subnets": self.subnets,
            "SecurityGroupIds": listed(self.value("OtherSecurityGroups")),
        }
        key = self.value("OutputKey")
        prefix = {"Pipeline": "pipelines", "Scientist": "slipway"}[kind]
        request = {
            "TrainingJobName": f"{prefix}-{next(NUMBER)}",
            "RoleArn": self.outputs["TrainingRoleArn"],
            "AlgorithmSpecification": {"TrainingImage": "unknown", "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://none/out", "KmsKeyId": key},
            "ResourceConfig": {
                "InstanceType": listed(self.value("OtherInstanceTypes"))[0],
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
                "VolumeKmsKeyId": key,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "VpcConfig": network,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "Tags": [{"Key": k, "Value": v} for k, v in load("dev").tags.items()],
        }
        for path, value in changes.items():
            *above, last = path.split("__")
            inner = request
            for member in above:
                inner[member] = dict(inner[member])
                inner = inner[member]
            if value is None:
                inner.pop(last)
            else:
                inner[last] = value
        return request


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("platform")
    templates = synthesized(folder / "assembly")
    server = bound(0)
    cloud = assemble(folder, f"http://localhost:{server.bind_addr[1]}", True)
    server.answer = Application(cloud)
    for name in MODULES:
        owned(name).start(cloud)
    threading.Thread(target=server.serve, daemon=True).start()
    made = Platform(cloud, {}, {})
    for stack in STACKS:
        outputs = deploy(made.client("cloudformation"), f"slipway-dev-{stack}", templates[stack])
        made.outputs.update(outputs)
    yield replace(made, denials=guardrails(made))
    server.stop()
    stop(cloud)


def synthesized(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the templates of the stacks with roles; what checks say of them is another test's."""
    settings = load("dev")
    app = new_app(folder)
    network = Network(app, settings)
    lake = Lake(app, settings, network)
    Ml(app, settings, network, lake)
    app.synth()
    return Assembly(folder).templates


def guardrails(platform: Platform) -> dict[str, Any]:
    """Return the conditions of the guardrails as they were deployed."""
    iam, found = platform.client("iam"), {}
    role = platform.outputs["PipelineRoleArn"].rpartition("/")[2]
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        policy = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)
        for statement in policy["PolicyVersion"]["Document"]["Statement"]:
            if statement["Effect"] == "Deny" and "Condition" in statement:
                found[statement["Sid"]] = statement["Condition"]
    return found


NOTHING = [{"Key": "project", "Value": "x"}]
# What is missing, and what is wrong
BROKEN = {
    "subnets": ({"VpcConfig__Subnets": None}, {"VpcConfig__Subnets": ["subnet-0"]}),
    "security groups": (
        {"VpcConfig__SecurityGroupIds": None},
        {"VpcConfig__SecurityGroupIds": ["sg-0"]},
    ),
    "the volume's key": (
        {"ResourceConfig__VolumeKmsKeyId": None},
        {"ResourceConfig__VolumeKmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0"},
    ),
    "the output's key": (
        {"OutputDataConfig__KmsKeyId": None},
        {"OutputDataConfig__KmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0"},
    ),
    "isolation": ({"EnableNetworkIsolation": None}, {"EnableNetworkIsolation": False}),
    "encrypted traffic": (
        {"EnableInterContainerTrafficEncryption": None},
        {"EnableInterContainerTrafficEncryption": False},
    ),
    "instance types": (
        {"ResourceConfig__InstanceType": None},
        {"ResourceConfig__InstanceType": "ml.p4d.24xlarge"},
    ),
    "run time": (
        {"StoppingCondition": None},
        {"StoppingCondition__MaxRuntimeInSeconds": 2_000_000},
    ),
    "tags": ({"Tags": None}, {"Tags": NOTHING}),
}


@pytest.mark.parametrize("kind", ["Pipeline", "Scientist"])
def test_a_job_that_keeps_every_guardrail_may_be_made(platform, kind):
    sagemaker = platform.maker(kind)
    found = refused(sagemaker.create_training_job, **platform.job(kind))
    assert "unknown" in found[1], "the image is what is wrong with it"


@pytest.mark.parametrize("broken", BROKEN)
def test_a_job_that_breaks_one_may_not(platform, broken):
    sagemaker = platform.maker("Pipeline")
    for changes in BROKEN[broken]:
        code, message, _ = refused(
            sagemaker.create_training_job, **platform.job("Pipeline", **changes)
        )
        assert code == "AccessDeniedException", (changes, message)
        assert message.endswith(EXPLICIT), (changes, message)


def test_a_scientist_starts_executions_and_approves_nothing(platform):
    sagemaker = platform.person("sagemaker", "Scientist")
    code, _, _ = refused(
        sagemaker.start_pipeline_execution, PipelineName=platform.outputs["PipelineName"]
    )
    assert code == "ResourceNotFound"  # allowed; the pipeline is left out here
    assert refused(sagemaker.start_pipeline_execution, PipelineName="other")[0].startswith("Access")
    _, message, _ = refused(
        sagemaker.update_model_package,
        ModelPackageArn=package(platform),
        ModelApprovalStatus="Approved",
    )
    assert message.endswith(EXPLICIT)


def test_operations_approve_and_read_no_raw_data(platform):
    arn = package(platform)
    sagemaker, s3 = platform.person("sagemaker", "Ops"), platform.person("s3", "Ops")
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    by = sagemaker.describe_model_package(ModelPackageName=arn)["LastModifiedBy"]
    assert by["IamIdentity"]["Arn"].endswith("/anna")
    key = put(platform, "Raw", "reviews/tsv/a.tsv")
    assert refused(s3.get_object, **key)[1].endswith(EXPLICIT)
    _, message, _ = refused(sagemaker.create_training_job, **platform.job("Scientist"))
    assert "no identity-based policy allows the sagemaker:CreateTrainingJob action" in message


def test_training_reads_features_and_not_raw_data(platform):
    s3 = platform.work("s3", "Training", in_vpc=True)
    features = put(platform, "Features", "reviews-training/a.csv")
    assert s3.get_object(**features)["Body"].read() == b"x"
    raw = put(platform, "Raw", "reviews/tsv/a.tsv")
    _, message, _ = refused(s3.get_object, **raw)
    assert "because no identity-based policy allows the s3:GetObject action" in message
    assert platform.work("s3", "Processing", in_vpc=True).get_object(**raw)["Body"].read() == b"x"


def test_data_goes_through_the_vpc_but_for_those_who_bring_it(platform):
    raw = put(platform, "Raw", "reviews/tsv/a.tsv")
    outside = platform.work("s3", "Processing", in_vpc=False)
    assert refused(outside.get_object, **raw)[1].endswith(
        "with an explicit deny in a resource-based policy"
    )
    producer = platform.person("s3", "Producer")
    producer.put_object(**raw | {"Key": "reviews/tsv/new.tsv"}, Body=b"new")
    assert refused(producer.put_object, **raw | {"Key": "elsewhere"}, Body=b"")[0] == "AccessDenied"
    assert refused(producer.get_object, **raw)[0] == "AccessDenied"
    report = put(platform, "Artifacts", "reviews-training/report.json")
    read = platform.work("s3", "Pipeline", in_vpc=False).get_object(**report)["Body"].read()
    assert read == b"x"  # SageMaker reads property files from outside the VPC


def test_the_pipeline_registers_only_what_waits_for_approval(platform):
    sagemaker = platform.maker("Pipeline")
    group = group_of(platform)
    sagemaker.create_model_package(
        ModelPackageGroupName=group, ModelApprovalStatus="PendingManualApproval"
    )
    for status in ({"ModelApprovalStatus": "Approved"}, {}):
        _, message, _ = refused(
            sagemaker.create_model_package, ModelPackageGroupName=group, **status
        )
        assert "sagemaker:CreateModelPackage" in message


def test_only_the_jobs_roles_are_passed_and_to_sagemaker_alone(platform):
    sagemaker = platform.person("sagemaker", "Scientist")
    request = platform.job("Scientist", RoleArn=platform.outputs["OpsRoleArn"])
    _, message, _ = refused(sagemaker.create_training_job, **request)
    assert "is not authorized to perform: iam:PassRole on resource" in message


def group_of(platform: Platform) -> str:
    """Return the group of the platform's models, made where it is left out."""
    own, name = platform.client("sagemaker"), platform.outputs["ModelPackageGroupName"]
    listed = own.list_model_package_groups()["ModelPackageGroupSummaryList"]
    if not any(each["ModelPackageGroupName"] == name for each in listed):
        own.create_model_package_group(ModelPackageGroupName=name)
    return name


def package(platform: Platform) -> str:
    """Return a new version in the group."""
    made = platform.client("sagemaker").create_model_package(
        ModelPackageGroupName=group_of(platform)
    )
    return str(made["ModelPackageArn"])


def put(platform: Platform, bucket: str, key: str) -> dict[str, str]:
    """Put an object as the administrator; return where it is."""
    where = {"Bucket": platform.outputs[f"{bucket}BucketName"], "Key": key}
    platform.client("s3").put_object(**where, Body=b"x")
    return where
