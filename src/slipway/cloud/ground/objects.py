"""moto's view of S3's objects: its services read and write those of the cloud, not its own."""

import io
import json
from collections.abc import Mapping
from typing import Any

from slipway.cloud.ground.outside import current
from slipway.cloud.s3.store import Store


def bridge(store: Store) -> None:
    """Let moto's services (a function's code, a template, an export) use the cloud's objects."""
    from moto.s3.models import FakeKey, S3Backend

    def get_object(
        backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, **_: Any
    ) -> Any:
        bucket = backend.get_bucket(bucket_name)

        def find() -> bytes | None:
            found = store.index.find(bucket_name, key_name, version_id or "")
            return (
                None if found is None or found.marker else store.files.path(found.file).read_bytes()
            )

        value = current().take(f"s3://{bucket_name}/{key_name}", find)
        if value is None:
            return None
        return FakeKey(
            key_name,
            value,
            account_id=backend.account_id,
            region_name=bucket.region_name,
            version_id=version_id,
            bucket_name=bucket_name,
        )

    def put_object(backend: Any, bucket_name: str, key_name: str, value: bytes, **_: Any) -> Any:
        bucket = backend.get_bucket(bucket_name)
        current().do(lambda: store.write(bucket_name, key_name, io.BytesIO(value)))
        return FakeKey(
            key_name,
            value,
            account_id=backend.account_id,
            region_name=bucket.region_name,
            bucket_name=bucket_name,
        )

    remove = vars(S3Backend.delete_bucket).get("__wrapped__", S3Backend.delete_bucket)

    def delete_bucket(backend: Any, bucket_name: str) -> Any:
        backend.get_bucket(bucket_name)

        def find() -> bytes | None:
            return b"empty" if store.index.empty(bucket_name) else None

        return remove(backend, bucket_name) if current().take(bucket_name, find) else None

    delete_bucket.__wrapped__ = remove  # type: ignore[attr-defined]
    S3Backend.get_object = get_object  # type: ignore[method-assign,assignment]
    S3Backend.put_object = put_object  # type: ignore[method-assign,assignment]
    S3Backend.delete_bucket = delete_bucket  # type: ignore[method-assign,assignment]


def tells_eventbridge(configured: Any) -> bool:
    """Tell whether a bucket's notifications go to EventBridge."""
    return getattr(configured, "event_bridge", None) is not None


def encryption(configured: Mapping[str, Any] | None) -> str:
    """Return a bucket's default encryption as JSON of the headers that a write may give itself."""
    rule = (configured or {}).get("Rule", {})
    rule = rule[0] if isinstance(rule, list) else rule
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    found = {
        "x-amz-server-side-encryption": default.get("SSEAlgorithm"),
        "x-amz-server-side-encryption-aws-kms-key-id": default.get("KMSMasterKeyID"),
        "x-amz-server-side-encryption-bucket-key-enabled": rule.get("BucketKeyEnabled"),
    }
    return json.dumps({name: str(value) for name, value in found.items() if value})
