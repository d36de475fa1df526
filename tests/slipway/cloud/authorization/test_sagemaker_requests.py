"""Requests to SageMaker through a cloud that enforces IAM: guardrails, passed roles, approvals, tags."""

import uuid

import pytest

from guarding import ACCOUNT, allow, deny, new, refused

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{uuid.UUID(int=1)}"


def job(name, role, **more):
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://none/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **more,
    }


VPC = {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
GUARDS = {
    "subnets": ({"Null": {"sagemaker:VpcSubnets": "true"}}, {}, VPC),
    "a foreign subnet": (
        {"ForAnyValue:StringNotEquals": {"sagemaker:VpcSubnets": ["subnet-1"]}},
        {"VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}}, VPC),
    "isolation": ({"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}},
                  {}, {"EnableNetworkIsolation": True}),
    "encryption between instances": (
        {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}},
        {"EnableInterContainerTrafficEncryption": False},
        {"EnableInterContainerTrafficEncryption": True}),
    "instance types": ({"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.m5.large"]}},
                       {"ResourceConfig": {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1,
                                           "VolumeSizeInGB": 1}}, {}),
    "run time": ({"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "3600"}},
                 {"StoppingCondition": {"MaxRuntimeInSeconds": 7200}}, {}),
    "output key": ({"ArnNotEquals": {"sagemaker:OutputKmsKey": KEY}}, {},
                   {"OutputDataConfig": {"S3OutputPath": "s3://none/out", "KmsKeyId": KEY}}),
    "tags": ({"Null": {"aws:RequestTag/project": "true"}}, {},
             {"Tags": [{"Key": "project", "Value": "reviews"}]}),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "wrong", "right"), GUARDS.values(), ids=GUARDS)
def test_a_guardrail_stops_the_job_that_breaks_it(guarded, condition, wrong, right):
    role = guarded.role(
        allow(["sagemaker:*", "iam:PassRole"]),
        deny("sagemaker:CreateTrainingJob", Condition=condition),
    )
    sagemaker = guarded.as_role("sagemaker", role)
    _, message, _ = refused(sagemaker.create_training_job, **job(new(), role, **wrong))
    assert message.endswith("with an explicit deny in an identity-based policy")
    name = new()
    found = refused(sagemaker.create_training_job, **job(name, role, **right) | NO_IMAGE)
    assert "not authorized" not in found[1]


NO_IMAGE = {"AlgorithmSpecification": {"TrainingImage": "unknown", "TrainingInputMode": "File"}}


def test_a_role_is_passed_only_by_whom_may_and_to_which_service(guarded):
    job_role = guarded.role()
    create = allow("sagemaker:CreateTrainingJob")
    sagemaker = guarded.allowed("sagemaker", create)
    _, message, _ = refused(sagemaker.create_training_job, **job(new(), job_role) | NO_IMAGE)
    assert f"perform: iam:PassRole on resource: {job_role} because no identity" in message
    to = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    sagemaker = guarded.allowed("sagemaker", create, allow("iam:PassRole", job_role, Condition=to))
    assert "iam:PassRole" in refused(sagemaker.create_training_job, **job(new(), job_role))[1]
    to = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    sagemaker = guarded.allowed("sagemaker", create, allow("iam:PassRole", job_role, Condition=to))
    found = refused(sagemaker.create_training_job, **job(new(), job_role) | NO_IMAGE)
    assert "not authorized" not in found[1]


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({"ModelApprovalStatus": "Approved"}, False),
        ({"ModelApprovalStatus": "Rejected"}, True),
        ({"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}, False),
        ({"ModelLifeCycle": {"Stage": "Staging", "StageStatus": "Approved"}}, True),
    ],
)
def test_who_may_approve_is_said_by_condition_keys(guarded, change, may):
    own, group = guarded.client("sagemaker"), new()
    own.create_model_package_group(ModelPackageGroupName=group)
    package = own.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    sagemaker = guarded.allowed(
        "sagemaker",
        allow("sagemaker:UpdateModelPackage", package.rpartition("/")[0] + "/*"),
        deny("sagemaker:UpdateModelPackage",
             Condition={"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}),
        deny("sagemaker:UpdateModelPackage",
             Condition={"StringEquals": {"sagemaker:ModelLifeCycle:stage": "Production"}}),
    )  # fmt: skip
    if may:
        assert sagemaker.update_model_package(ModelPackageArn=package, **change)
    else:
        assert (
            "explicit deny"
            in refused(sagemaker.update_model_package, ModelPackageArn=package, **change)[1]
        )


def test_tags_of_the_principal_and_of_the_resource_are_known(guarded):
    own, name = guarded.client("sagemaker"), new()
    own.create_model_package_group(ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "a"}])
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    mine = guarded.role(allow("sagemaker:Describe*", Condition=same),
                        Tags=[{"Key": "team", "Value": "a"}])  # fmt: skip
    theirs = guarded.role(allow("sagemaker:Describe*", Condition=same),
                          Tags=[{"Key": "team", "Value": "b"}])  # fmt: skip
    asked = {"ModelPackageGroupName": name}
    assert guarded.as_role("sagemaker", mine).describe_model_package_group(**asked)
    theirs = guarded.as_role("sagemaker", theirs)
    assert "no identity-based" in refused(theirs.describe_model_package_group, **asked)[1]
