"""Objects through the API, as boto3 puts and gets them."""

import hashlib
import http.client
import urllib.error
import urllib.request
import zlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

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


def test_ranges_and_response_headers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")
    for asked, body, where in [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-100", b"56789", "bytes 5-9/10"),
        ("bytes=-100", b"0123456789", "bytes 0-9/10"),
    ]:
        got = s3.get_object(Bucket=bucket, Key="a", Range=asked)
        assert (got["Body"].read(), got["ContentRange"]) == (body, where)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    got = s3.get_object(
        Bucket=bucket, Key="a", ResponseContentType="text/y", ResponseCacheControl="no-store"
    )
    assert (got["ContentType"], got["CacheControl"]) == ("text/y", "no-store")
    s3.put_object(Bucket=bucket, Key="empty")
    assert s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b""


def test_conditional_reads(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    past, future = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    fine = [{"IfMatch": tag}, {"IfNoneMatch": '"0"'}, {"IfModifiedSince": past},
            {"IfUnmodifiedSince": future}, {"IfMatch": tag, "IfUnmodifiedSince": past}]  # fmt: skip
    for condition in fine:
        s3.get_object(Bucket=bucket, Key="a", **condition)
    for condition, status in [
        ({"IfMatch": '"0"'}, 412),
        ({"IfUnmodifiedSince": past}, 412),
        ({"IfNoneMatch": tag}, 304),
        ({"IfModifiedSince": future}, 304),
    ]:
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=bucket, Key="a", **condition)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_conditional_writes_let_one_writer_win(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")["ETag"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch=tag)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="a", Body=b"3", IfMatch=tag)
    assert code(refused) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_wrong_checksum_is_refused_and_a_right_one_kept(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"x", ChecksumAlgorithm=algorithm)
    name = f"Checksum{algorithm}"
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert head[name] == put[name]
    about = s3.get_object_attributes(
        Bucket=bucket, Key="a", ObjectAttributes=["Checksum", "ObjectSize", "ETag"]
    )
    assert about["Checksum"][name] == put[name]
    assert about["ObjectSize"] == 1
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="b", Body=b"y", **{name: put[name]})
    assert code(refused) == "BadDigest"
    with pytest.raises(ClientError) as refused:
        s3.head_object(Bucket=bucket, Key="b")
    assert code(refused) == "404"


def test_a_wrong_md5_is_refused(s3, bucket):
    wrong = b64encode(hashlib.md5(b"y").digest()).decode()
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="a", Body=b"x", ContentMD5=wrong)
    assert code(refused) == "BadDigest"


def raw_put(cloud, bucket, body: bytes, **headers) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("PUT", f"/{bucket}/raw", body, named)
    answer = connection.getresponse()
    return answer.status, answer.read()


def chunked(data: bytes, size: int, trailer: bytes) -> bytes:
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    encoded = [b"%x;chunk-signature=00\r\n%b\r\n" % (len(p), p) for p in pieces]
    return b"".join(encoded) + b"0\r\n" + trailer + b"\r\n"


@pytest.mark.parametrize("size", [1, 3, 1000, 70_000, 1 << 20])
def test_aws_chunked_uploads_with_a_checksum_at_the_end(cloud, s3, bucket, size):
    data = bytes(range(256)) * (400 if size > 100 else 1)
    crc = b64encode(zlib.crc32(data).to_bytes(4, "big"))
    headers = {
        "content_encoding": "aws-chunked",
        "x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x_amz_decoded_content_length": str(len(data)),
        "x_amz_trailer": "x-amz-checksum-crc32",
    }
    right = chunked(data, size, b"x-amz-checksum-crc32:" + crc + b"\r\n")
    assert raw_put(cloud, bucket, right, **headers)[0] == 200
    got = s3.get_object(Bucket=bucket, Key="raw")
    assert got["Body"].read() == data
    assert got["ChecksumCRC32"] == crc.decode()
    assert "ContentEncoding" not in got
    wrong = chunked(data, size, b"x-amz-checksum-crc32:AAAAAA==\r\n")
    assert b"BadDigest" in raw_put(cloud, bucket, wrong, **headers)[1]
    assert b"IncompleteBody" in raw_put(cloud, bucket, right[: len(right) // 2], **headers)[1]
    assert s3.get_object(Bucket=bucket, Key="raw")["Body"].read() == data


def test_copies(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Metadata={"m": "1"}, ContentType="text/x")
    s3.copy_object(Bucket=bucket, Key="dir/é", CopySource={"Bucket": bucket, "Key": "a"})
    got = s3.get_object(Bucket=bucket, Key="dir/é")
    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (b"x", {"m": "1"}, "text/x")
    s3.put_object(Bucket=bucket, Key="a", Body=b"changed")
    assert s3.get_object(Bucket=bucket, Key="dir/é")["Body"].read() == b"x"
    s3.copy_object(
        Bucket=bucket, Key="a", CopySource=f"{bucket}/a", MetadataDirective="REPLACE",
        Metadata={"m": "2"},
    )  # fmt: skip
    got = s3.get_object(Bucket=bucket, Key="a")
    assert (got["Body"].read(), got["Metadata"]) == (b"changed", {"m": "2"})
    with pytest.raises(ClientError) as refused:
        s3.copy_object(Bucket=bucket, Key="a", CopySource=f"{bucket}/a")
    assert code(refused) == "InvalidRequest"
    with pytest.raises(ClientError) as refused:
        s3.copy_object(Bucket=bucket, Key="a", CopySource=f"{bucket}/none")
    assert code(refused) == "NoSuchKey"


def test_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Tagging="k=v&e=")
    assert s3.get_object(Bucket=bucket, Key="a")["TagCount"] == 2
    s3.put_object_tagging(
        Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "n", "Value": "<&>"}]}
    )
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == [{"Key": "n", "Value": "<&>"}]
    s3.delete_object_tagging(Bucket=bucket, Key="a")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []
    with pytest.raises(ClientError) as refused:
        tags = [{"Key": str(n), "Value": ""} for n in range(11)]
        s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": tags})
    assert code(refused) == "InvalidTag"


def test_deletes_of_many(s3, bucket):
    keys = ["a", " b ", "c&<", "missing"]
    for key in keys[:3]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert [entry["Key"] for entry in done["Deleted"]] == keys
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket=bucket)
    assert code(refused) == "NoSuchBucket"


def test_a_document_that_was_changed_on_its_way_deletes_nothing(cloud, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    for headers in ({"Content-MD5": "A" * 22 + "=="}, {"x-amz-checksum-crc32": "AAAAAA=="}):
        connection.request("POST", f"/{bucket}?delete", body, headers)
        assert b"BadDigest" in connection.getresponse().read()
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"
    connection.request("POST", f"/{bucket}?delete", b"<Delete>" + b" " * (5 << 20))
    assert b"EntityTooLarge" in connection.getresponse().read()


def test_presigned_urls_work_until_they_expire(s3, bucket):
    place = {"Bucket": bucket, "Key": "a b"}
    put = s3.generate_presigned_url("put_object", Params=place)
    asked = urllib.request.Request(put, b"hello", method="PUT")
    assert urllib.request.urlopen(asked).status == 200
    got = s3.generate_presigned_url("get_object", Params=place)
    assert urllib.request.urlopen(got).read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as refused:
        old = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=-1)
        urllib.request.urlopen(old)
    assert refused.value.code == 403
    assert b"Request has expired" in refused.value.read()


@pytest.mark.parametrize("host", ["{}.localhost", "{}.s3.localhost", "{}.s3.us-east-1.localhost"])
def test_a_bucket_may_be_named_by_the_host(cloud, s3, bucket, host):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    headers = {"Host": f"{host.format(bucket)}:{cloud.port}"}
    connection.request("PUT", "/styled/a", b"x", headers)
    assert connection.getresponse().read() == b""
    assert s3.get_object(Bucket=bucket, Key="styled/a")["Body"].read() == b"x"
    connection.request("GET", "/?location", headers=headers)
    assert b"LocationConstraint" in connection.getresponse().read()


def test_what_is_not_there_says_so(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    with pytest.raises(ClientError) as refused:
        s3.put_object(
            Bucket=bucket, Key="b", SSECustomerKey="k" * 32, SSECustomerAlgorithm="AES256"
        )
    assert code(refused) == "NotImplemented"
    with pytest.raises(ClientError) as refused:
        s3.restore_object(Bucket=bucket, Key="a", RestoreRequest={"Days": 1})
    assert code(refused) == "NotImplemented"


def test_a_bucket_s_configuration_is_the_ground_s(s3, bucket):
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert found[0]["ID"] == "r"


def test_a_bucket_s_default_encryption_is_an_object_s(s3, bucket):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
        "BucketKeyEnabled": True,
    }
    put = s3.put_object(Bucket=bucket, Key="before", Body=b"x")
    assert put["ServerSideEncryption"] == "AES256"
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", "k")
    head = s3.head_object(Bucket=bucket, Key="a")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "k")
    put = s3.put_object(Bucket=bucket, Key="b", Body=b"x", ServerSideEncryption="AES256")
    assert put["ServerSideEncryption"] == "AES256" and "SSEKMSKeyId" not in put


@pytest.mark.parametrize(
    ("member", "error"),
    [
        ({"ACL": "public-read"}, "AccessControlListNotSupported"),
        ({"GrantRead": "id=1"}, "AccessControlListNotSupported"),
        ({"StorageClass": "LUKEWARM"}, "InvalidStorageClass"),
        ({"ServerSideEncryption": "ROT13"}, "InvalidArgument"),
        ({"ExpectedBucketOwner": "999999999999"}, "AccessDenied"),
        ({"Tagging": "a=1&a=2"}, "InvalidTag"),
        ({"Metadata": {"m": "x" * 3000}}, "InvalidRequest"),
        ({"ObjectLockLegalHoldStatus": "ON"}, "NotImplemented"),
    ],
)
def test_what_is_not_honoured_is_refused(s3, bucket, member, error):
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="a", Body=b"x", **member)
    assert code(refused) == error
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_readers_and_writers_of_one_key_never_see_a_torn_object(cloud, bucket):
    bodies = [bytes([65 + n]) * (300_000 + n) for n in range(4)]

    def write(body: bytes) -> None:
        s3 = cloud.client("s3")
        for _ in range(8):
            s3.put_object(Bucket=bucket, Key="torn", Body=body)

    def read(_: int) -> set[bytes]:
        s3, seen = cloud.client("s3"), set()
        for _ in range(16):
            got = s3.get_object(Bucket=bucket, Key="torn")
            body = got["Body"].read()
            assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
            seen.add(body)
        return seen

    cloud.client("s3").put_object(Bucket=bucket, Key="torn", Body=bodies[0])
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, body) for body in bodies]
        reads = [pool.submit(read, n) for n in range(4)]
        for done in writes:
            done.result()
        assert set().union(*(done.result() for done in reads)) <= set(bodies)
    files = [p for p in (cloud.home / "s3" / bucket).rglob("*") if p.is_file()]
    assert len(files) == 1
