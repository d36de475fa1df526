import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.jobs.inputs import InputError, objects, relative, share
from slipway.jobs.job import Input


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("p/data/", "p/data/a.csv", "a.csv"),
        ("p/data", "p/data/b/a.csv", "b/a.csv"),
        ("p/data/a.csv", "p/data/a.csv", "a.csv"),
        ("p/data/part-", "p/data/part-0.csv", "part-0.csv"),
        ("p/da", "p/data/a.csv", "data/a.csv"),
        ("", "a.csv", "a.csv"),
        ("a", "a", "a"),
        ("p/data/", "p/data/", ""),  # what a console makes for an empty folder
    ],
)
def test_where_an_object_lies_below_its_input(prefix, key, path):
    assert relative(prefix, key) == path


@given(st.lists(st.integers()), st.integers(1, 7))
def test_instances_share_all_objects_and_none_twice(found, instances):
    shares = [share(found, index, instances) for index in range(instances)]
    assert sorted(each for one in shares for each in one) == sorted(found)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def paths(bench, uri: str, **options) -> list[str]:
    return [path for path, _ in objects(bench.store, Input("in", uri, "/opt/ml/x", **options))]


def test_a_manifest_names_objects(bench):
    bench.store.put_text("bucket", p__a="1", p__b__c="2", p__d="3")
    manifest = [{"prefix": "s3://bucket/p/"}, "a", "b/c"]
    bench.store.put_text("bucket", m__one=json.dumps(manifest))
    assert paths(bench, "s3://bucket/m/one", manifest=True) == ["a", "b/c"]


@pytest.mark.parametrize(
    "text", ["{}", "[", '[{"prefix": 3}]', '[{"prefix": "s3://bucket/"}, 5]', "[" * 100_000]
)
def test_a_manifest_that_is_none_is_told(bench, text):
    bench.store.put_text("bucket", m=text)
    with pytest.raises(InputError, match="is not of the form"):
        paths(bench, "s3://bucket/m", manifest=True)


@pytest.mark.parametrize("uri", ["s3://bucket/nothing/", "s3://no-such-bucket/x"])
def test_nothing_is_said_in_the_words_of_aws(bench, uri):
    with pytest.raises(InputError, match=f'^No S3 objects found under S3 URL "{uri}"'):
        paths(bench, uri)


class Keys:
    """A store of keys that no folder could hold."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def list(self, bucket, prefix):
        from slipway.jobs.storage import StoredObject

        for key in self.keys:
            yield StoredObject(bucket, key, 0, "", None)


@pytest.mark.parametrize("key", ["p/../../x", "p//x", "p/./x", "p/a\0b"])
def test_keys_that_would_leave_the_folder_are_refused(key):
    with pytest.raises(InputError, match="no safe path"):
        objects(Keys(key), Input("in", "s3://bucket/p/", "/opt/ml/x"))


def test_an_object_below_another_is_refused():
    with pytest.raises(InputError, match="lies below another file"):
        objects(Keys("p/a", "p/a/b"), Input("in", "s3://bucket/p/", "/opt/ml/x"))
