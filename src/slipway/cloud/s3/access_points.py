"""Requests through access points: by alias (`…-s3alias`) or, of their ARN, by a host's name."""

import re
from dataclasses import replace

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.request import S3Request

ALIAS = re.compile(r"(?P<name>.+)-[0-9a-z]{34}-s3alias")
HOST = re.compile(r"(?P<name>.+)-(?P<account>\d{12})")  # NAME-ACCOUNT.s3-accesspoint.…


def behind(cloud: Cloud, request: S3Request) -> S3Request:
    """Return the request to the bucket behind an access point; any other request as it is.

    A bucket of that name comes first. NoSuchAccessPoint for an alias that nobody has.
    """
    alias, host = ALIAS.fullmatch(request.bucket), HOST.fullmatch(request.bucket)
    door = alias or host
    if not door or known(cloud, request.bucket):
        return request
    control = inside.client(cloud.ground, "s3control", cloud.region)
    try:
        found = control.get_access_point(AccountId=cloud.account, Name=door["name"])
    except ClientError as error:
        if alias:
            raise S3Error("NoSuchAccessPoint") from error
        return request
    if alias and found["Alias"] != request.bucket:
        raise S3Error("NoSuchAccessPoint")
    return replace(request, bucket=found["Bucket"])


def known(cloud: Cloud, bucket: str) -> bool:
    """Tell whether there is a bucket of a name."""
    try:
        cloud.objects.index.bucket(bucket)
    except S3Error:
        return False
    return True
