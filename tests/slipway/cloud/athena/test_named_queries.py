"""Named queries of Athena are kept by their work group."""

import pytest

TOKEN = "t" * 32


@pytest.fixture
def athena(shared):
    return shared.client("athena")


def test_a_query_is_kept_changed_and_deleted(athena):
    asked = {"Name": "stars", "Database": "reviews", "QueryString": "SELECT 1"}
    id_ = athena.create_named_query(**asked, ClientRequestToken=TOKEN)["NamedQueryId"]
    again = athena.create_named_query(**asked, ClientRequestToken=TOKEN)
    assert again["NamedQueryId"] == id_
    athena.update_named_query(NamedQueryId=id_, Name="stars", QueryString="SELECT 2")
    found = athena.get_named_query(NamedQueryId=id_)["NamedQuery"]
    assert found == asked | {
        "NamedQueryId": id_,
        "QueryString": "SELECT 2",
        "WorkGroup": "primary",
    }
    both = athena.batch_get_named_query(NamedQueryIds=[id_, "nobody"])
    assert [query["Name"] for query in both["NamedQueries"]] == ["stars"]
    assert [each["NamedQueryId"] for each in both["UnprocessedNamedQueryIds"]] == ["nobody"]
    athena.delete_named_query(NamedQueryId=id_)
    with pytest.raises(athena.exceptions.InvalidRequestException, match="does not exist"):
        athena.get_named_query(NamedQueryId=id_)


def test_a_work_group_with_queries_is_deleted_only_with_them(athena):
    athena.create_work_group(Name="filled")
    ids = [
        athena.create_named_query(
            Name=name, Database="d", QueryString="SELECT 1", WorkGroup="filled"
        )["NamedQueryId"]
        for name in "abc"
    ]
    first = athena.list_named_queries(WorkGroup="filled", MaxResults=2)
    second = athena.list_named_queries(WorkGroup="filled", NextToken=first["NextToken"])
    assert [*first["NamedQueryIds"], *second["NamedQueryIds"]] == ids
    with pytest.raises(athena.exceptions.InvalidRequestException, match="not empty"):
        athena.delete_work_group(WorkGroup="filled")
    athena.delete_work_group(WorkGroup="filled", RecursiveDeleteOption=True)
    with pytest.raises(athena.exceptions.InvalidRequestException, match="not found"):
        athena.list_named_queries(WorkGroup="filled")
