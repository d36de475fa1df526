"""S3's requests, and what jobs read and write of S3, judged by the policies of callers and buckets."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from slipway.cloud.authorization import access_points, s3_requests
from slipway.cloud.authorization.access_points import AccessPoint
from slipway.cloud.authorization.context import Values
from slipway.cloud.authorization.judge import Caller, Judge
from slipway.cloud.authorization.refusals import Denied
from slipway.cloud.authorization.s3_requests import Need
from slipway.cloud.cloud import Cloud
from slipway.cloud.iam.evaluate import IMPLICIT_DENY, Decision
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.request import S3Request, operation, read
from slipway.cloud.s3.responses import DOCUMENT
from slipway.cloud.s3.xml import parse
from slipway.cloud.wire import Limited, Request

KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"


class S3Judge:
    """Judges accesses to buckets and objects."""

    def __init__(self, cloud: Cloud, judge: Judge) -> None:
        self._cloud, self._judge = cloud, judge

    def check(self, caller: Caller, request: Request) -> Request:
        """Return a request that is allowed for all that it takes, its body still to be read; Denied.

        A request that S3 does not understand passes: S3 says what is wrong with it.
        """
        try:
            s3 = read(request)
            name = operation(s3)
        except S3Error:
            return request
        keys = s3_requests.keys(s3) | {"s3:resourceaccount": (self._cloud.account,)}
        if door := access_points.find(self._cloud, self._judge.policies, s3.bucket):
            s3 = replace(s3, bucket=door.bucket)
            keys |= door.keys(self._cloud.account)
        needs = s3_requests.needs(s3, name)
        if name == "DeleteObjects":
            body = Limited(request.body, DOCUMENT).read()
            request = replace(request, body=io.BytesIO(body))
            with suppress(S3Error):
                needs = tuple(deleted(s3, body))
        for need in needs:
            self.take(caller, need, keys, door)
        if name in ("GetObject", "HeadObject"):
            self.show(caller, s3, keys, door)
        if needs and needs[0].action == s3_requests.PUT:
            self.seal(caller, needs[0], s3.headers.get(KMS_KEY, ""))
        return request

    def take(
        self,
        caller: Caller,
        need: Need,
        keys: Mapping[str, Values],
        door: AccessPoint | None = None,
    ) -> None:
        """Return where an action is allowed; Denied.

        Through an access point its own policy takes the place of the bucket's, which may only deny.
        """
        policy = self._judge.policies.of_resource("s3", caller.region, need.bucket)
        if door is None or need.bucket != door.bucket:
            self._judge.check(caller, need.action, need.resource, keys, on_resource=policy)
            return
        self._judge.check_denials(caller, need.action, need.resource, keys, policy)
        resource = door.resource(need.key)
        if door.vpc and caller.keys.get("aws:sourcevpc") != (door.vpc,):
            nobody = Decision(IMPLICIT_DENY, (), by="resource")
            raise Denied(caller.who, need.action, resource, nobody)
        self._judge.check(caller, need.action, resource, keys, on_resource=door.policy)

    def show(
        self,
        caller: Caller,
        s3: S3Request,
        keys: Mapping[str, Values],
        door: AccessPoint | None = None,
    ) -> None:
        """Refuse to say that an object is absent to a caller who may not list; else `unseal` it."""
        with suppress(S3Error):
            version = s3.params.get("versionId", "")
            found = self._cloud.objects.index.find(s3.bucket, s3.key, version)
            if found is None or (found.marker and not version):
                need = Need("s3:ListBucket", f"arn:aws:s3:::{s3.bucket}", s3.bucket)
                self.take(caller, need, keys, door)
            else:
                self.unseal(caller, s3.bucket, s3.key, found.meta.get("headers", {}))

    def unseal(self, caller: Caller, bucket: str, key: str, headers: Mapping[str, str]) -> None:
        """Return where a caller may use the key that an object is encrypted with; Denied."""
        if sealed := headers.get(KMS_KEY, ""):
            self._use(caller, "kms:Decrypt", sealed, bucket, key, headers)

    def seal(self, caller: Caller, need: Need, key_id: str) -> None:
        """Return where a caller may use the key that a new object is to be encrypted with; Denied."""
        with suppress(S3Error):
            default = json.loads(self._cloud.objects.index.bucket(need.bucket).encryption)
            if sealed := key_id or default.get(KMS_KEY, ""):
                self._use(caller, "kms:GenerateDataKey", sealed, need.bucket, need.key, default)

    def _use(
        self,
        caller: Caller,
        action: str,
        key_id: str,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
    ) -> None:
        """Check that a caller may use a key through S3."""
        region = caller.region
        arn = self._judge.policies.key_arn(region, key_id)
        by_bucket = headers.get(BUCKET_KEY, "").lower() == "true"
        of = f"arn:aws:s3:::{bucket}" if by_bucket else f"arn:aws:s3:::{bucket}/{key}"
        keys = {
            "kms:viaservice": (f"s3.{region}.amazonaws.com",),
            "kms:calleraccount": (caller.who.account,),
            "kms:encryptioncontext:aws:s3:arn": (of,),
            "kms:encryptioncontextkeys": ("aws:s3:arn",),
            "aws:viaawsservice": ("true",),
        }
        policy = self._judge.policies.of_resource("kms", region, arn)
        self._judge.check(caller, action, arn, keys, on_resource=policy, through_endpoint=False)


def deleted(s3: S3Request, body: bytes) -> Iterator[Need]:
    """Yield what the keys in the body of DeleteObjects take; S3Error for a body that is none."""
    for item in parse(body, "Delete").findall("Object"):
        action = "s3:DeleteObjectVersion" if item.findtext("VersionId") else "s3:DeleteObject"
        yield s3_requests.on(action, s3.bucket, item.findtext("Key") or "")
