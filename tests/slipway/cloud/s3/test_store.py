"""The store that jobs use, the files below it, and the events that it publishes."""

import pytest

from slipway.jobs.storage import NoSuchBucket


@pytest.fixture
def store(local):
    local.client("s3").create_bucket(Bucket="bucket")
    return local.cloud.objects


def test_what_a_job_puts_is_an_object_like_any_other(local, store, tmp_path):
    source = tmp_path / "model.tar.gz"
    source.write_bytes(b"model")
    put = store.put("bucket", "out/model.tar.gz", source)
    s3 = local.client("s3")
    s3.put_object(Bucket="bucket", Key="by-the-api", Body=b"model")
    got = s3.get_object(Bucket="bucket", Key="out/model.tar.gz")
    assert got["Body"].read() == b"model"
    assert (
        got["ETag"] == f'"{put.etag}"' == s3.head_object(Bucket="bucket", Key="by-the-api")["ETag"]
    )
    assert put == store.get("bucket", "out/model.tar.gz")
    assert [found.key for found in store.list("bucket", "out/")] == ["out/model.tar.gz"]
    assert put.path.samefile(source)  # linked, not copied
    assert store.get("bucket", "none") is None
    for call in (store.get, store.list):
        with pytest.raises(NoSuchBucket):
            call("nowhere", "")


def test_a_file_never_changes_under_its_reader(local, store):
    s3 = local.client("s3")
    s3.put_object(Bucket="bucket", Key="a", Body=b"first")
    first = store.get("bucket", "a")
    with first.path.open("rb") as reader:
        s3.put_object(Bucket="bucket", Key="a", Body=b"second")
        assert reader.read() == b"first"
    assert not first.path.exists()
    assert store.get("bucket", "a").path.read_bytes() == b"second"


def test_files_without_a_name_are_swept_and_others_are_not(local, store):
    local.client("s3").put_object(Bucket="bucket", Key="kept", Body=b"x")
    half = store.files.root / "bucket" / "folder" / "half@0123456789ab"
    half.parent.mkdir()
    half.write_bytes(b"ha")
    assert store.sweep() == 1
    assert not half.parent.exists()
    assert store.get("bucket", "kept").path.read_bytes() == b"x"


def test_object_events_have_eventbridge_s_form(local, store):
    seen = []
    local.cloud.events.subscribe(seen.append)
    s3 = local.client("s3")
    s3.put_object(Bucket="bucket", Key="before", Body=b"nobody is told")
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    put = s3.put_object(Bucket="bucket", Key="raw/a b.tsv", Body=b"12345")
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    s3.put_object_tagging(Bucket="bucket", Key="raw/a b.tsv", Tagging=tags)
    s3.delete_object_tagging(Bucket="bucket", Key="raw/a b.tsv")
    s3.delete_object(Bucket="bucket", Key="raw/a b.tsv")
    created, tagged, untagged, deleted = seen
    for event, kind in ((tagged, "Object Tags Added"), (untagged, "Object Tags Deleted")):
        assert event.detail_type == kind
        assert event.detail["object"] == {"key": "raw/a b.tsv", "etag": put["ETag"].strip('"')}
    assert (created.source, created.detail_type) == ("aws.s3", "Object Created")
    assert created.resources == ("arn:aws:s3:::bucket",)
    assert created.detail["bucket"] == {"name": "bucket"}
    about = dict(created.detail["object"])
    assert about.pop("sequencer")
    assert about == {"key": "raw/a b.tsv", "size": 5, "etag": put["ETag"].strip('"')}
    assert created.detail["reason"] == "PutObject"
    assert deleted.detail_type == "Object Deleted"
    assert created.detail["request-id"] == put["ResponseMetadata"]["RequestId"]
    assert created.detail["requester"] == "123456789012"
    assert created.detail["source-ip-address"] == "127.0.0.1"
    assert deleted.detail["deletion-type"] == "Permanently Deleted"
    assert created.detail["object"]["sequencer"] < deleted.detail["object"]["sequencer"]
