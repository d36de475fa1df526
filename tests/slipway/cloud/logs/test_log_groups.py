"""Log groups' keys, which can change, and query definitions."""

import pytest

KEY = "arn:aws:kms:us-east-1:123456789012:key/0dd0a8a3-0000-4000-8000-00000000000"


def test_a_log_group_gets_another_key_and_none(shared):
    logs = shared.client("logs")
    logs.create_log_group(logGroupName="/keys", kmsKeyId=KEY + "1")

    def group():
        (found,) = logs.describe_log_groups(logGroupNamePrefix="/keys")["logGroups"]
        return found

    logs.associate_kms_key(logGroupName="/keys", kmsKeyId=KEY + "2")
    assert group()["kmsKeyId"] == KEY + "2"
    logs.disassociate_kms_key(resourceIdentifier=group()["arn"])
    assert "kmsKeyId" not in group()


@pytest.mark.parametrize(
    ("which", "error"),
    [
        ({"logGroupName": "/nobodys"}, "ResourceNotFoundException"),
        ({"logGroupName": "/a", "resourceIdentifier": "b"}, "InvalidParameterException"),
        ({"resourceIdentifier": "arn:aws:logs:us-east-1:123456789012:query-result:*"},
         "InvalidParameterException"),
    ],
)  # fmt: skip
def test_a_key_for_no_log_group_is_refused(shared, which, error):
    logs = shared.client("logs")
    with pytest.raises(logs.exceptions.ClientError) as refused:
        logs.associate_kms_key(**which, kmsKeyId=KEY + "1")
    assert refused.value.response["Error"]["Code"] == error


def test_query_definitions(shared):
    logs = shared.client("logs")
    once = {"name": "slow", "queryString": "sort @duration", "clientToken": "t" * 36}
    first, again = (logs.put_query_definition(**once) for _ in range(2))
    assert first["queryDefinitionId"] == again["queryDefinitionId"]
    logs.put_query_definition(name="slower", queryString="limit 1", logGroupNames=["/keys"])
    logs.put_query_definition(name="other", queryString="limit 2")
    id_ = first["queryDefinitionId"]
    logs.put_query_definition(queryDefinitionId=id_, name="slow", queryString="limit 3")

    def listed(**request):
        answer = logs.describe_query_definitions(queryDefinitionNamePrefix="slow", **request)
        return [one["queryString"] for one in answer["queryDefinitions"]], answer.get("nextToken")

    assert listed() == (["limit 3", "limit 1"], None)
    page, token = listed(maxResults=1)
    assert page == ["limit 3"]
    assert listed(maxResults=1, nextToken=token)[0] == ["limit 1"]
    assert logs.delete_query_definition(queryDefinitionId=id_)["success"]
    assert listed()[0] == ["limit 1"]
    for call in (
        lambda: logs.delete_query_definition(queryDefinitionId=id_),
        lambda: logs.put_query_definition(queryDefinitionId=id_, name="a", queryString="b"),
    ):
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            call()
