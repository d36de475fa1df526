"""Redshift Serverless: a namespace, its workgroup, and limits on its use."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def rs(shared):
    return shared.client("redshift-serverless")


def test_a_workgroup_lives_in_a_namespace(rs):
    made = rs.create_namespace(
        namespaceName="lake", adminUserPassword="Secret123", tags=[{"key": "a", "value": "b"}]
    )["namespace"]
    assert (made["status"], made["dbName"], made["adminUsername"]) == ("AVAILABLE", "dev", "admin")
    assert "adminUserPassword" not in made
    tagged = rs.list_tags_for_resource(resourceArn=made["namespaceArn"])["tags"]
    assert tagged == [{"key": "a", "value": "b"}]
    with pytest.raises(rs.exceptions.ResourceNotFoundException):
        rs.create_workgroup(workgroupName="queries", namespaceName="nowhere")
    group = rs.create_workgroup(workgroupName="queries", namespaceName="lake", baseCapacity=8)
    of = group["workgroup"]["workgroupArn"]
    assert group["workgroup"]["baseCapacity"] == 8
    with pytest.raises(rs.exceptions.ConflictException):
        rs.create_workgroup(workgroupName="others", namespaceName="lake")
    with pytest.raises(rs.exceptions.ConflictException):
        rs.delete_namespace(namespaceName="lake")
    rs.update_workgroup(workgroupName="queries", port=5440)
    assert rs.get_workgroup(workgroupName="queries")["workgroup"]["endpoint"]["port"] == 5440
    limit = rs.create_usage_limit(
        resourceArn=of, usageType="serverless-compute", amount=60, breachAction="deactivate"
    )["usageLimit"]
    assert rs.list_usage_limits(resourceArn=of)["usageLimits"] == [limit]
    assert rs.list_usage_limits(resourceArn=made["namespaceArn"])["usageLimits"] == []
    rs.delete_usage_limit(usageLimitId=limit["usageLimitId"])
    assert rs.delete_workgroup(workgroupName="queries")["workgroup"]["status"] == "DELETING"
    rs.delete_namespace(namespaceName="lake")
    with pytest.raises(rs.exceptions.ResourceNotFoundException):
        rs.get_namespace(namespaceName="lake")


def test_pages_of_namespaces_follow_one_another(rs):
    for number in range(3):
        rs.create_namespace(namespaceName=f"page-{number}")
    first = rs.list_namespaces(maxResults=2)
    second = rs.list_namespaces(maxResults=2, nextToken=first["nextToken"])
    names = [n["namespaceName"] for n in (*first["namespaces"], *second["namespaces"])]
    assert names == ["page-0", "page-1", "page-2"]
    assert "nextToken" not in second


def test_a_secret_that_aws_would_make_is_refused_by_name(rs):
    with pytest.raises(ClientError, match="does not support manageAdminPassword"):
        rs.create_namespace(namespaceName="managed", manageAdminPassword=True)


def test_tags_come_and_go(rs):
    of = rs.create_namespace(namespaceName="tagged")["namespace"]["namespaceArn"]
    rs.tag_resource(resourceArn=of, tags=[{"key": "x", "value": "1"}, {"key": "y", "value": "2"}])
    rs.untag_resource(resourceArn=of, tagKeys=["x"])
    assert rs.list_tags_for_resource(resourceArn=of)["tags"] == [{"key": "y", "value": "2"}]
    with pytest.raises(rs.exceptions.ResourceNotFoundException):
        rs.tag_resource(resourceArn=of + "x", tags=[])
