"""The policy simulator over the identities that the ground has."""

import json
import uuid

import pytest

ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def document(effect, action, resource="*", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(shared):
    return shared.client("iam")


@pytest.fixture
def role(iam):
    name = f"role-{uuid.uuid4().hex[:8]}"
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]


def decisions(iam, arn, *actions, **more):
    answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, **more)
    return {r["EvalActionName"]: r["EvalDecision"] for r in answer["EvaluationResults"]}


def test_inline_and_managed_policies_of_a_role_count(iam, role):
    assert decisions(iam, role["Arn"], "s3:GetObject") == {"s3:GetObject": "implicitDeny"}
    name = role["RoleName"]
    iam.put_role_policy(RoleName=name, PolicyName="in", PolicyDocument=document("Allow", "s3:Get*"))
    arn = iam.create_policy(PolicyName=name, PolicyDocument=document("Allow", "sagemaker:*"))
    iam.attach_role_policy(RoleName=name, PolicyArn=arn["Policy"]["Arn"])
    iam.create_policy_version(
        PolicyArn=arn["Policy"]["Arn"],
        PolicyDocument=document("Deny", "sagemaker:Delete*"),
        SetAsDefault=True,
    )
    found = decisions(iam, role["Arn"], "s3:GetObject", "sagemaker:DeleteModel", "iam:GetRole")
    assert found == {
        "s3:GetObject": "allowed",
        "sagemaker:DeleteModel": "explicitDeny",
        "iam:GetRole": "implicitDeny",
    }


def test_a_user_has_the_policies_of_its_groups(iam):
    name = f"user-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.create_group(GroupName=name)
    iam.put_group_policy(
        GroupName=name, PolicyName="g", PolicyDocument=document("Allow", "s3:List*")
    )
    assert decisions(iam, arn, "s3:ListBucket") == {"s3:ListBucket": "implicitDeny"}
    iam.add_user_to_group(GroupName=name, UserName=name)
    assert decisions(iam, arn, "s3:ListBucket") == {"s3:ListBucket": "allowed"}


def test_aws_own_managed_policies_are_there(iam, role):
    arn = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role["Arn"],
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::my-sagemaker-data/x", "arn:aws:s3:::private/x"],
    )
    (result,) = answer["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"  # the strictest of both
    mine, private = result["ResourceSpecificResults"]
    assert (mine["EvalResourceDecision"], private["EvalResourceDecision"]) == (
        "allowed",
        "implicitDeny",
    )
    assert mine["MatchedStatements"] == [
        {"SourcePolicyId": "AmazonSageMakerFullAccess", "SourcePolicyType": "aws-managed"}
    ]
    # Its statement for tagged objects hangs on a condition that the simulation does not know
    assert "s3:ExistingObjectTag/SageMaker" in private["MissingContextValues"]


def test_a_boundary_shows_in_the_result(iam, role):
    name = role["RoleName"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    limit = iam.create_policy(PolicyName=f"{name}-b", PolicyDocument=document("Allow", "s3:*"))
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=limit["Policy"]["Arn"])
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role["Arn"], ActionNames=["s3:GetObject", "iam:GetRole"]
    )
    assert [
        (r["EvalDecision"], r["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"])
        for r in answer["EvaluationResults"]
    ] == [("allowed", True), ("implicitDeny", False)]


def test_policies_and_context_that_the_request_brings_along(iam):
    once = document("Allow", "s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})

    def ask(**more):
        answer = iam.simulate_custom_policy(
            PolicyInputList=[once], ActionNames=["s3:GetObject"], **more
        )
        return answer["EvaluationResults"][0]

    assert ask()["EvalDecision"] == "implicitDeny"
    assert ask()["MissingContextValues"] == ["aws:SecureTransport"]
    entry = {"ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean"}
    found = ask(ContextEntries=[entry | {"ContextKeyValues": ["true"]}])
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("allowed", [])


def test_a_long_answer_comes_in_pages(iam, role):
    iam.put_role_policy(
        RoleName=role["RoleName"], PolicyName="in", PolicyDocument=document("Allow", "s3:A*")
    )
    actions = [f"s3:{letter}{n}" for letter in "AB" for n in range(3)]
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=role["Arn"], ActionNames=actions, PaginationConfig={"PageSize": 4}
    )
    sizes, found = [], []
    for page in pages:
        sizes.append(len(page["EvaluationResults"]))
        found += [(r["EvalActionName"], r["EvalDecision"]) for r in page["EvaluationResults"]]
    assert sizes == [4, 2]
    assert found == [(a, "allowed" if "A" in a else "implicitDeny") for a in actions]


@pytest.mark.parametrize(
    ("members", "code", "status"),
    [
        ({"PolicySourceArn": "arn:aws:iam::123456789012:role/none-such"}, "NoSuchEntity", 404),
        ({"PolicySourceArn": "arn:aws:s3:::a-bucket-of-mine"}, "InvalidInput", 400),
        ({"PolicyInputList": ["{"]}, "InvalidInput", 400),
        ({"ActionNames": ["everything"]}, "InvalidInput", 400),
        ({"ResourceHandlingOption": "EC2-VPC-EBS"}, "ValidationError", 400),
        ({"Marker": "x"}, "InvalidInput", 400),
        ({"ActionNames": ["s"]}, "ValidationError", 400),
        ({"MaxItems": 0}, "ValidationError", 400),
    ],
)
def test_what_cannot_be_simulated_is_refused(shared, role, members, code, status):
    iam = shared.client("iam", parameter_validation=False)
    request = {"PolicySourceArn": role["Arn"], "ActionNames": ["s3:GetObject"]} | members
    with pytest.raises(iam.exceptions.ClientError) as caught:
        iam.simulate_principal_policy(**request)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
