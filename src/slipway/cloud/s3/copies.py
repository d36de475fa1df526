"""CopyObject: a link where the bytes stay the same, since files never change."""

import os
from typing import Any, BinaryIO
from urllib.parse import unquote

from slipway.cloud.s3 import conditions, meta
from slipway.cloud.s3.checksums import Intake
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import Version
from slipway.cloud.s3.listing import iso
from slipway.cloud.s3.objects import LARGEST, opened
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import xml
from slipway.cloud.s3.store import Store, check_key
from slipway.cloud.s3.xml import document
from slipway.cloud.wire import Response


def copy_source(request: S3Request) -> tuple[str, str, str]:
    """Return (bucket, key, version) of a copy's source; InvalidArgument."""
    path, _, version = request.headers["x-amz-copy-source"].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key:
        raise S3Error("InvalidArgument", "x-amz-copy-source must be bucket/key")
    return bucket, key, version


def copy(store: Store, request: S3Request) -> Response:
    """Answer CopyObject; the file is linked, since files never change."""
    check_key(request.key)
    target = store.index.bucket(request.bucket)
    bucket, key, version = copy_source(request)
    replaced = request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
    source, file = opened(store, bucket, key, version)
    with file:
        conditions.check_read(request.headers, source, "x-amz-copy-source-")
        if source.size > LARGEST:
            raise S3Error("InvalidRequest", "The specified copy source is larger than 5 GiB")
        about = meta.from_headers(request.headers, target)
        same_place = (bucket, key) == (request.bucket, request.key)
        unchanged = about["headers"] == meta.from_headers({}, target)["headers"]
        if same_place and unchanged and not (replaced or version):
            raise S3Error(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself "
                "without changing the object's metadata, storage class, website redirect location "
                "or encryption attributes.",
            )
        new_file, etag, sums = copied(store, request, source, file)
    about = copied_meta(request, source, about, replaced=replaced) | {"checksums": sums}
    new = Version(request.bucket, request.key, source.size, etag, new_file, about)
    stored = store.commit(
        new, "CopyObject", lambda latest: conditions.check_write(request.headers, latest)
    )
    result = {"LastModified": iso(stored.modified), "ETag": f'"{stored.etag}"'}
    result |= {f"Checksum{name}": value for name, value in sums.items() if name != "type"}
    about_source = (("x-amz-copy-source-version-id", source.version),) if version else ()
    return xml(
        document("CopyObjectResult", result),
        headers=(*meta.encryption_headers(about), *meta.version_header(stored), *about_source),
    )


def copied(
    store: Store, request: S3Request, source: Version, file: BinaryIO
) -> tuple[str, str, dict[str, str]]:
    """Return (file, etag, checksums) of a copy; a link unless something must be computed anew."""
    wanted = request.headers.get("x-amz-checksum-algorithm", "").upper()
    sums = source.meta.get("checksums", {})
    whole = "-" not in source.etag  # a copy of a multipart object becomes one part
    if whole and (not wanted or wanted in sums):
        path = store.files.path(source.file)
        return store.files.adopt(request.bucket, request.key, path), source.etag, sums
    name = wanted or next(iter(sums), "")
    intake = Intake({"x-amz-checksum-algorithm": name} if name else {})
    new = store.files.write(
        request.bucket,
        request.key,
        lambda out: intake.fill(FileStream(file, 0, source.size), out, LARGEST),
    )
    computed = intake.checksums
    return new, intake.md5.hexdigest(), computed | ({"type": "FULL_OBJECT"} if computed else {})


def copied_meta(
    request: S3Request, source: Version, given: dict[str, Any], *, replaced: bool
) -> dict[str, Any]:
    """Return the meta of a copy: the source's, or the request's where it says REPLACE."""
    if replaced:
        headers = given["headers"]
    else:
        own = {k: v for k, v in given["headers"].items() if k not in meta.CONTENT}
        usual = {k: v for k, v in source.meta["headers"].items() if k in meta.CONTENT}
        headers = usual | own
    about = {"headers": headers}
    if user := given.get("user") if replaced else source.meta.get("user"):
        about["user"] = user
    new_tags = request.headers.get("x-amz-tagging-directive", "COPY").upper() == "REPLACE"
    if tags := given.get("tags") if new_tags else source.meta.get("tags"):
        about["tags"] = tags
    return about


class FileStream:
    """A range of a file as a stream."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file, self._at, self._end = file, offset, offset + length

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes of the range."""
        left = self._end - self._at
        data = os.pread(self._file.fileno(), left if size < 0 else min(size, left), self._at)
        self._at += len(data)
        return data
