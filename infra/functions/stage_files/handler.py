"""A custom resource that unpacks an asset, a zip, below a prefix of a bucket: code and weights for jobs.

A file that is there with its size stays as it is: the prefix names the content. Nothing is deleted, since
what ran with these files may run again.
"""

import logging
import zipfile
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions.custom_resource import Answer, answering

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)


class Remote:
    """An object of S3 as a file that can be read at any place, for `zipfile`."""

    BLOCK = 8 * 1024 * 1024

    def __init__(self, s3: Any, bucket: str, key: str) -> None:
        self._s3 = s3
        self._at = {"Bucket": bucket, "Key": key}
        self._size = int(s3.head_object(**self._at)["ContentLength"])
        self._place = 0
        self._block = (0, b"")

    def seekable(self) -> bool:
        """Tell that it can be read at any place."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        self._place = offset + (0, self._place, self._size)[whence]
        return self._place

    def read(self, count: int = -1) -> bytes:
        """Return bytes from the place on."""
        end = self._size if count < 0 else min(self._size, self._place + count)
        parts = []
        while self._place < end:
            start, block = self._block
            if not start <= self._place < start + len(block):
                start, block = self._place, self._fetch(self._place)
                self._block = (start, block)
            part = block[self._place - start : end - start]
            parts.append(part)
            self._place += len(part)
        return b"".join(parts)

    def _fetch(self, start: int) -> bytes:
        last = min(self._size, start + self.BLOCK) - 1
        body: bytes = self._s3.get_object(**self._at, Range=f"bytes={start}-{last}")["Body"].read()
        return body


def stage(s3: Any, source: tuple[str, str], bucket: str, prefix: str) -> int:
    """Unpack a zip in S3 below a prefix; return how many files were not there yet."""
    count = 0
    with zipfile.ZipFile(Remote(s3, *source)) as archive:
        for member in archive.infolist():
            key = f"{prefix}{member.filename}"
            if member.is_dir() or size(s3, bucket, key) == member.file_size:
                continue
            with archive.open(member) as content:
                s3.upload_fileobj(content, bucket, key)
            count += 1
    return count


def size(s3: Any, bucket: str, key: str) -> int | None:
    """Return the size of an object; None where there is none."""
    try:
        return int(s3.head_object(Bucket=bucket, Key=key)["ContentLength"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        return None


def change(event: Mapping[str, Any]) -> Answer:
    """Do what CloudFormation asks.

    Properties: `SourceBucket` and `SourceKey` of the asset, `BucketName`, `Prefix`, "" or ending in "/".
    """
    of: Mapping[str, str] = event["ResourceProperties"]
    uri = f"s3://{of['BucketName']}/{of['Prefix']}"
    if event["RequestType"] == "Delete":
        return Answer(event["PhysicalResourceId"])
    try:
        source = (of["SourceBucket"], of["SourceKey"])
        count = stage(boto3.client("s3"), source, of["BucketName"], of["Prefix"])
    except ClientError as error:
        raise RuntimeError(f"{of['SourceKey']} could not be unpacked to {uri}: {error}") from error
    log.info("%d files are new at %s", count, uri)
    return Answer(uri, {"Uri": uri})


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(event, context, lambda: change(event))
