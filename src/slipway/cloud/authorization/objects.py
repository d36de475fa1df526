"""S3 as the role of a job or a model may use it: what SageMaker brings to it and takes from it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.cloud import credentials
from slipway.cloud.authorization.guard import guard
from slipway.cloud.authorization.judge import Caller
from slipway.cloud.authorization.refusals import Denied
from slipway.cloud.authorization.s3_judge import S3Judge
from slipway.cloud.authorization.s3_requests import GET, PUT, Need, on
from slipway.cloud.cloud import Cloud
from slipway.cloud.identity import identify
from slipway.cloud.s3.errors import S3Error
from slipway.jobs.storage import AccessDenied, ObjectStore, StoredObject


def of_role(
    cloud: Cloud, region: str, role: str, session: str, network: Mapping[str, Any] | None = None
) -> ObjectStore:
    """Return the objects that a role may use, in a VPC where there is one; all where IAM is not enforced.

    Args:
        cloud: Whose objects they are.
        region: In which the work is done.
        role: The role's ARN.
        session: The name of its session.
        network: A VpcConfig.
    """
    if not cloud.enforces_iam:
        return cloud.objects
    return OfRole(cloud, region, role, session, tuple((network or {}).get("Subnets", ())))


@dataclass(frozen=True)
class OfRole:
    """The objects of S3 as far as a role may use them. Implements `slipway.jobs.storage.ObjectStore`."""

    cloud: Cloud
    region: str
    role: str
    session: str
    subnets: tuple[str, ...]

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """Return one object, or None; NoSuchBucket, AccessDenied."""
        found = self.cloud.objects.get(bucket, key)
        if found:
            self._check("download", bucket, key)
        return found

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects under a prefix; NoSuchBucket, AccessDenied."""
        found = self.cloud.objects.list(bucket, prefix)
        self._check("list", bucket, prefix)
        for each in found:
            self._check("download", bucket, each.key)
            yield each

    def put(self, bucket: str, key: str, source: Path) -> StoredObject:
        """Store a copy of a file; NoSuchBucket, AccessDenied."""
        self._check("upload", bucket, key)
        return self.cloud.objects.put(bucket, key, source)

    def _check(self, what: str, bucket: str, key: str) -> None:
        """Return where the role may do it; AccessDenied."""
        try:
            judge = guard(self.cloud).s3
            caller = self._caller()
            if what == "list":
                need = Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", bucket)
                judge.take(caller, need, {"s3:prefix": (key,)})
            elif what == "upload":
                need = on(PUT, bucket, key)
                judge.take(caller, need, {})
                judge.seal(caller, need, "")
            else:
                self._read(judge, caller, bucket, key)
        except Denied as denial:
            noun = "" if what == "list" else "object "
            text = f"Unable to {what} {noun}s3://{bucket}/{key} (AccessDenied: {denial.words()})"
            raise AccessDenied(text) from denial

    def _read(self, judge: S3Judge, caller: Caller, bucket: str, key: str) -> None:
        judge.take(caller, on(GET, bucket, key), {})
        with suppress(S3Error):
            version = self.cloud.objects.index.find(bucket, key)
            if version:
                judge.unseal(caller, bucket, key, version.meta.get("headers", {}))

    def _caller(self) -> Caller:
        own = credentials.for_role(
            self.cloud, self.region, self.role, self.session, subnets=self.subnets
        )
        who = identify(self.cloud, own.access_key)
        assert who is not None  # noqa: S101 (its credentials were just given)
        return guard(self.cloud).judge.caller(who, self.region, "s3")
