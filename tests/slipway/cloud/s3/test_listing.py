"""Listings: every key once, in the order of its bytes, whatever the page size."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.cloud.events import Events
from slipway.cloud.s3.index import Bucket, Version
from slipway.cloud.s3.listing import entries, grouped
from slipway.cloud.s3.store import Store
from slipway.cloud.state import State

KEYS = st.text(st.sampled_from("ab/é\U0001f600-"), min_size=1, max_size=6)
FOLDERS = itertools.count()


def expected(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """What AWS's documentation says a listing holds, in the plainest way."""
    found = set()
    for key in keys:
        if key.startswith(prefix):
            rest = key[len(prefix) :]
            head, mark, _ = rest.partition(delimiter) if delimiter else (rest, "", "")
            found.add(prefix + head + mark if mark else key)
    return sorted(found, key=str.encode)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    state = State(folder / "state.sqlite")
    yield Store(folder / "s3", state, Events(state), "123456789012")
    state.close()


def name(entry: Version | str) -> str:
    return entry if isinstance(entry, str) else entry.key


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(KEYS, max_size=12), KEYS | st.just(""), st.sampled_from(["", "/", "a", "é"]),
       st.integers(1, 4))  # fmt: skip
def test_pages_of_any_size_hold_every_entry_once(store, keys, prefix, delimiter, size):
    bucket = f"bucket-{next(FOLDERS)}"
    store.index.mirror([Bucket(bucket, "us-east-1")])
    for key in keys:
        store.index.add(Version(bucket, key))
    seen: list[str] = []
    after = b""
    while True:
        page = list(itertools.islice(entries(store.index, bucket, prefix, delimiter, after), size))
        seen += map(name, page)
        if len(page) < size:
            break
        after = name(page[-1]).encode()
    assert seen == expected(keys, prefix, delimiter)
    versions = grouped(store.index, bucket, prefix, delimiter, (b"", -1))
    assert [name(entry) for entry in versions] == seen


def test_boto3_pages_through_a_bucket(s3, bucket):
    keys = [f"{folder}/{n:02d} +&<é" for folder in "ab" for n in range(6)] + ["top"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(
            Bucket=bucket, PaginationConfig={"PageSize": 5}
        )
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
        pages = s3.get_paginator(operation).paginate(
            Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}
        )
        found = [
            part.get("Prefix") or part["Key"]
            for page in pages
            for part in page.get("CommonPrefixes", []) + page.get("Contents", [])
        ]
        assert found == ["a/", "b/", "top"]
    after = s3.list_objects_v2(Bucket=bucket, StartAfter="b/05 +&<é")
    assert [entry["Key"] for entry in after["Contents"]] == ["top"]
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=0)["KeyCount"] == 0


def test_versions_and_delete_markers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="a", Body=b"2")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="a")
    assert marker["DeleteMarker"] is True
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="a")
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == [second, first, "null"]
    assert [(m["VersionId"], m["IsLatest"]) for m in listed["DeleteMarkers"]] == [
        (marker["VersionId"], True)
    ]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    )
    assert [v["VersionId"] for page in pages for v in page.get("Versions", [])] == [
        second, first, "null",
    ]  # fmt: skip
    got = s3.get_object(Bucket=bucket, Key="a", VersionId="null")
    assert got["Body"].read() == b"before"
    s3.delete_object(Bucket=bucket, Key="a", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"
    s3.delete_object(Bucket=bucket, Key="a", VersionId=second)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"suspended")
    ids = [v["VersionId"] for v in s3.list_object_versions(Bucket=bucket)["Versions"]]
    assert ids == ["null", first]
