"""Conditional requests and byte ranges (RFC 9110), as S3 applies them. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from slipway.cloud.s3.errors import NotModified, S3Error
from slipway.cloud.s3.index import Version

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def http_date(seconds: float) -> str:
    """Return the HTTP form of a time in epoch seconds."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def parse_date(text: str) -> float | None:
    """Return epoch seconds; None for a text that is no date, which makes a condition void."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def matches(condition: str, etag: str) -> bool:
    """Return whether a list of entity tags (or `*`) holds this one."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in condition.split(","))
    return any(tag in ("*", etag) for tag in tags)


def check_read(headers: Mapping[str, str], found: Version, prefix: str = "") -> None:
    """Apply If-[None-]Match and If-[Un]modified-Since to a read, in the order of RFC 9110, 13.2.2.

    `prefix` is "x-amz-copy-source-" for the source of a copy. Raises NotModified, PreconditionFailed.
    """
    etag, since = f'"{found.etag}"', http_date(found.modified)
    same = (("ETag", etag), ("Last-Modified", since))
    unmodified = parse_date(headers.get(f"{prefix}if-unmodified-since", ""))
    modified = parse_date(headers.get(f"{prefix}if-modified-since", ""))
    if (tags := headers.get(f"{prefix}if-match")) is not None:
        if not matches(tags, found.etag):
            raise S3Error("PreconditionFailed", Condition="If-Match")
    elif unmodified is not None and found.modified > unmodified:
        raise S3Error("PreconditionFailed", Condition="If-Unmodified-Since")
    if (tags := headers.get(f"{prefix}if-none-match")) is not None:
        if matches(tags, found.etag):
            raise refused_read(prefix, "If-None-Match", same)
    elif modified is not None and found.modified <= modified:
        raise refused_read(prefix, "If-Modified-Since", same)


def refused_read(prefix: str, name: str, headers: tuple[tuple[str, str], ...]) -> Exception:
    """Return 304 for a read, 412 for the source of a copy."""
    return S3Error("PreconditionFailed", Condition=name) if prefix else NotModified(headers)


def check_write(headers: Mapping[str, str], latest: Version | None) -> None:
    """Apply If-Match and If-None-Match to a write; PreconditionFailed, NoSuchKey, NotImplemented."""
    if (tags := headers.get("if-none-match")) is not None:
        if tags.strip() != "*":
            raise S3Error("NotImplemented", "If-None-Match on a write takes only *")
        if latest:
            raise S3Error("PreconditionFailed", Condition="If-None-Match")
    if (tags := headers.get("if-match")) is not None:
        if latest is None:
            raise S3Error("NoSuchKey")
        if not matches(tags, latest.etag):
            raise S3Error("PreconditionFailed", Condition="If-Match")


def byte_range(text: str, size: int) -> tuple[int, int] | None:
    """Return (offset, length) of a Range header; None for none or one that S3 ignores; InvalidRange."""
    found = RANGE.fullmatch(text.replace(" ", ""))
    if not found or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        start = size - length
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        length = min(int(last or size), size - 1) - start + 1
    if length <= 0:
        raise S3Error(
            "InvalidRange",
            headers=(("Content-Range", f"bytes */{size}"),),
            RangeRequested=text,
            ActualObjectSize=str(size),
        )
    return start, length
