"""Uploads in parts."""

import hashlib
import io

import pytest
from botocore.exceptions import ClientError

MIB = 1 << 20


@pytest.mark.parametrize("algorithm", [None, "CRC32", "CRC32C", "SHA256", "CRC64NVME"])
def test_parts_become_one_object(s3, bucket, algorithm):
    named = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a", Metadata={"x": "y"}, **named)
    where = {"Bucket": bucket, "Key": "a", "UploadId": upload["UploadId"]}
    bodies = [b"1" * (5 * MIB), b"2" * 10]
    parts = []
    for number, body in enumerate(bodies, start=1):
        done = s3.upload_part(**where, PartNumber=number, Body=body, **named)
        sums = {k: v for k, v in done.items() if k.startswith("Checksum") and algorithm}
        parts.append({"PartNumber": number, "ETag": done["ETag"], **sums})
    assert [p["Size"] for p in s3.list_parts(**where)["Parts"]] == [5 * MIB, 10]
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [u["UploadId"] for u in listed] == [upload["UploadId"]]
    done = s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == b"".join(bodies)
    assert got["Metadata"] == {"x": "y"}
    assert s3.head_object(Bucket=bucket, Key="a", PartNumber=2)["ContentLength"] == 10
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.list_parts(**where)


def test_boto3_s_own_transfer_goes_both_ways(s3, bucket, tmp_path):
    data = bytes(range(256)) * (20 * MIB // 256)
    s3.upload_fileobj(io.BytesIO(data), bucket, "big")
    s3.download_file(bucket, "big", str(tmp_path / "big"))
    assert (tmp_path / "big").read_bytes() == data


def test_an_aborted_upload_leaves_no_file(cloud, s3, bucket):
    def parts():
        return [p for p in (cloud.home / "s3" / "%40uploads").rglob("*") if p.is_file()]

    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    where = {"Bucket": bucket, "Key": "a", "UploadId": upload}
    for _ in range(2):  # the second takes the place of the first
        s3.upload_part(**where, PartNumber=1, Body=b"x")
    assert len(parts()) == 1
    with pytest.raises(ClientError, match="InvalidPart"):
        s3.complete_multipart_upload(
            **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}
        )
    s3.abort_multipart_upload(**where)
    assert parts() == []


def test_a_part_may_be_copied_from_another_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    where = {"Bucket": bucket, "Key": "a", "UploadId": upload}
    part = s3.upload_part_copy(
        **where, PartNumber=1, CopySource=f"{bucket}/source", CopySourceRange="bytes=2-4"
    )["CopyPartResult"]
    s3.complete_multipart_upload(
        **where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"234"
    with pytest.raises(ClientError, match="EntityTooSmall"):
        upload = s3.create_multipart_upload(Bucket=bucket, Key="b")["UploadId"]
        where = {"Bucket": bucket, "Key": "b", "UploadId": upload}
        tags = [s3.upload_part(**where, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
        parts = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, start=1)]
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
