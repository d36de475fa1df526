"""Objects through an access point: by its alias, and by its ARN."""

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"


@pytest.fixture
def point(shared):
    s3 = shared.client("s3")
    s3.create_bucket(Bucket="behind")
    s3.put_object(Bucket="behind", Key="a", Body=b"A")
    control = shared.client("s3control")
    control.create_access_point(AccountId=ACCOUNT, Name="door", Bucket="behind")
    yield control.get_access_point(AccountId=ACCOUNT, Name="door")
    control.delete_access_point(AccountId=ACCOUNT, Name="door")
    s3.delete_objects(Bucket="behind", Delete={"Objects": [{"Key": k} for k in "ab"]})
    s3.delete_bucket(Bucket="behind")


@pytest.mark.parametrize("which", ["Alias", "AccessPointArn"])
def test_objects_are_read_written_and_listed(shared, point, which):
    s3 = shared.client("s3")
    assert s3.get_object(Bucket=point[which], Key="a")["Body"].read() == b"A"
    s3.put_object(Bucket=point[which], Key="b", Body=b"B")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=point[which])["Contents"]]
    assert keys == ["a", "b"]
    assert s3.get_object(Bucket="behind", Key="b")["Body"].read() == b"B"


def test_an_access_point_that_is_not_there_is_told_so(shared, point):
    s3 = shared.client("s3")
    with pytest.raises(ClientError, match="NoSuchAccessPoint"):
        s3.get_object(Bucket=f"door-{'0' * 34}-s3alias", Key="a")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_object(Bucket=point["AccessPointArn"].replace("door", "window"), Key="a")
