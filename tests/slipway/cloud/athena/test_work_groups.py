"""Work groups of Athena change."""

import pytest
from botocore.exceptions import ClientError

from slipway.cloud.athena.work_groups import KIND, take_up, updated


@pytest.fixture
def athena(shared):
    return shared.client("athena")


def test_what_an_update_names_changes_and_the_rest_stays():
    before = {
        "BytesScannedCutoffPerQuery": 1,
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": {"OutputLocation": "s3://a/", "ExpectedBucketOwner": "1"},
    }
    updates = {
        "RemoveBytesScannedCutoffPerQuery": True,
        "EnforceWorkGroupConfiguration": False,
        "ResultConfigurationUpdates": {
            "OutputLocation": "s3://b/",
            "RemoveExpectedBucketOwner": True,
            "RemoveEncryptionConfiguration": False,
        },
    }
    assert updated(before, updates) == {
        "EnforceWorkGroupConfiguration": False,
        "ResultConfiguration": {"OutputLocation": "s3://b/"},
    }


def test_a_work_group_is_updated(athena):
    athena.create_work_group(
        Name="changes", Description="old", Tags=[{"Key": "team", "Value": "reviews"}]
    )
    athena.update_work_group(
        WorkGroup="changes", ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    found = athena.get_work_group(WorkGroup="changes")["WorkGroup"]
    assert found["Description"] == "old"
    assert found["Configuration"]["BytesScannedCutoffPerQuery"] == 10_000_000
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/changes"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"][0]["Key"] == "team"


def test_what_cannot_be_is_refused(athena):
    with pytest.raises(athena.exceptions.InvalidRequestException, match="not found"):
        athena.update_work_group(WorkGroup="nobody", Description="x")
    with pytest.raises(ClientError, match="DISABLED"):
        athena.update_work_group(WorkGroup="primary", State="DISABLED")


def test_an_update_that_was_killed_in_the_middle_is_finished(shared, athena):
    athena.create_work_group(Name="killed")
    athena.delete_work_group(WorkGroup="killed")  # the first half of it
    wanted = {"Name": "killed", "Description": "new", "Configuration": {}, "Tags": []}
    shared.cloud.state.documents("us-east-1", KIND).create("killed", wanted)
    take_up(shared.cloud)
    assert athena.get_work_group(WorkGroup="killed")["WorkGroup"]["Description"] == "new"
    assert not shared.cloud.state.documents("us-east-1", KIND).all()
