"""Empty a bucket before CloudFormation deletes it: a custom resource that does something at the end only."""

import logging
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions.custom_resource import Answer, answering

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
BATCH = 1000  # versions that one DeleteObjects takes


def versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    """Yield all versions and delete markers of a bucket, at most 1 000 at a time."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found[:BATCH]]
            if found[BATCH:]:
                yield [
                    {"Key": each["Key"], "VersionId": each["VersionId"]} for each in found[BATCH:]
                ]


def empty(s3: Any, bucket: str) -> int:
    """Delete every version of every object of a bucket; return how many. A missing bucket has none."""
    count = 0
    try:
        for batch in versions(s3, bucket):
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            if errors := answer.get("Errors"):
                first = errors[0]
                raise RuntimeError(
                    f"{bucket}: {len(errors)} objects stayed; {first['Key']}: {first['Message']}"
                )
            count += len(batch)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
    return count


def change(event: dict[str, Any], s3: Any) -> Answer:
    """Do what CloudFormation asks about the resource."""
    bucket = event["ResourceProperties"]["BucketName"]
    if event["RequestType"] == "Delete":
        log.info("%s: %d versions deleted", bucket, empty(s3, bucket))
    return Answer(f"empty-{bucket}")


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(event, context, lambda: change(event, boto3.client("s3")))
