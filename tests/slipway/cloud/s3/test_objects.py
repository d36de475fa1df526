"""Objects through the API, as boto3 puts and gets them."""

import pytest
from botocore.exceptions import ClientError


def code(refused) -> str:
    return refused.value.response["Error"]["Code"]


def test_what_was_put_comes_back_with_its_metadata(s3, bucket):
    put = s3.put_object(
        Bucket=bucket, Key="a", Body=b"hello", ContentType="text/x", Metadata={"foo_bar": "1"}
    )
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == b"hello"
    assert got["ETag"] == put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert got["ContentType"] == "text/x"
    assert got["Metadata"] == {"foo_bar": "1"}
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"]


@pytest.mark.parametrize(
    "key", ["../../x", "/etc/passwd", "a", "a/b", "a//b", "a/./b", "~", "é/ü", "%2e%2e/x", "x" * 1024,
            "a@b", "a/", " lead", "trail ", "a+b c", "n\x00l", "\x01", "a\\b", "-rf", "." , ".."],
)  # fmt: skip
def test_any_key_is_stored_inside_the_folder_and_found_again(cloud, s3, bucket, key):
    for same in (key, "a", "a/b"):
        s3.put_object(Bucket=bucket, Key=same, Body=same.encode())
    for same in (key, "a", "a/b"):
        assert s3.get_object(Bucket=bucket, Key=same)["Body"].read() == same.encode()
    listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert listed == {key, "a", "a/b"}
    files = [p for p in (cloud.home / "s3" / bucket).rglob("*") if p.is_file()]
    assert len(files) == len(listed)


def test_refusals_carry_the_codes_of_aws(s3, bucket):
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="missing")
    assert code(refused) == "NoSuchKey"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="no-such-bucket", Key="a")
    assert code(refused) == "NoSuchBucket"
    s3.put_object(Bucket=bucket, Key="a", Body=b"12345")
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="a", Range="bytes=5-")
    assert code(refused) == "InvalidRange"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="a", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"
    with pytest.raises(ClientError) as refused:
        s3.delete_bucket(Bucket=bucket)
    assert code(refused) == "BucketNotEmpty"
