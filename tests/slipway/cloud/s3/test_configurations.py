"""Configurations of buckets: kept whole, or refused by name."""

import pytest
from botocore.exceptions import ClientError

NAME = "configured-bucket"


@pytest.fixture
def s3(shared):
    client = shared.client("s3")
    client.create_bucket(Bucket=NAME)
    yield client
    client.delete_bucket(Bucket=NAME)


def test_an_intelligent_tiering_is_kept_listed_and_gone_with_its_bucket(s3):
    tierings = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]
    given = {"Id": "old", "Status": "Enabled", "Tierings": tierings}
    which = {"Bucket": NAME, "Id": "old"}
    for _ in range(2):
        s3.put_bucket_intelligent_tiering_configuration(
            **which, IntelligentTieringConfiguration=given
        )
    found = s3.get_bucket_intelligent_tiering_configuration(**which)
    assert found["IntelligentTieringConfiguration"] == given
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=NAME)
    assert listed["IntelligentTieringConfigurationList"] == [given]
    s3.delete_bucket(Bucket=NAME)
    s3.create_bucket(Bucket=NAME)
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_intelligent_tiering_configuration(**which)


def test_notifications_go_to_eventbridge_and_all_others_are_refused_by_name(s3):
    on = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=NAME, NotificationConfiguration=on)
    found = s3.get_bucket_notification_configuration(Bucket=NAME)
    assert "EventBridgeConfiguration" in found
    queue = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]}
    with pytest.raises(ClientError, match=r"QueueConfiguration.*EventBridgeConfiguration"):
        s3.put_bucket_notification_configuration(
            Bucket=NAME, NotificationConfiguration={"QueueConfigurations": [queue]}
        )
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=NAME)
    s3.put_bucket_notification_configuration(Bucket=NAME, NotificationConfiguration={})
    found = s3.get_bucket_notification_configuration(Bucket=NAME)
    assert "EventBridgeConfiguration" not in found
