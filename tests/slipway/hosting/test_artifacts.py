"""What a server finds below /opt/ml/model: one copy on disk, which no instance can change."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hosting import OURS, Bed, container, say, tar_of
from slipway.hosting.container import ModelData
from slipway.hosting.model_data import Copies
from slipway.jobs.sandbox import Sandbox

FILES = {"1/saved_model.pb": b"\0" * 1000, "code/inference.py": b"pass", "labels.txt": b"1\n"}
WHERE = "python import os; said = os.stat('/opt/ml/model/labels.txt').st_ino"
WRITE = "python open('/opt/ml/model/labels.txt', 'w'); said = 'written'"


def test_instances_share_one_copy_that_they_cannot_change(bed):
    uri = bed.put("model.tar.gz", tar_of(FILES))
    models = bed.path / "run" / "models"
    with bed.serving(container(data=uri)) as one:
        found = json.loads(say(one, "files").body)
        assert found == ["1", "1/saved_model.pb", "code", "code/inference.py", "labels.txt"]
        if bed.sandbox.way != "namespace":
            pytest.skip("this machine copies artifacts")
        with bed.serving(container(data=uri)) as two:
            assert say(one, WHERE).body == say(two, WHERE).body
            assert len(list(models.iterdir())) == 1
        assert b"Read-only file system" in say(one, WRITE).body
        (copy,) = models.iterdir()
        assert (copy / "labels.txt").read_bytes() == b"1\n"
        bed.put("model.tar.gz", tar_of(FILES | {"labels.txt": b"2\n"}))
        with bed.serving(container(data=uri)) as newer:
            read = "python said = open('/opt/ml/model/labels.txt').read()"
            assert (say(one, read).body, say(newer, read).body) == (b"1\n", b"2\n")
    assert not models.exists()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ModelData("s3://bucket/plain/", prefix=True, packed=False), ["a", "b", "b/c"]),
        (ModelData("s3://bucket/plain/a", packed=False), ["a"]),
        (ModelData("s3://bucket/packed.tar.gz"), ["x"]),
    ],
)
def test_artifacts_come_packed_or_as_they_are(bed, data, found):
    bed.put("plain/a", b"1")
    bed.put("plain/b/c", b"2")
    bed.put("packed.tar.gz", tar_of({"x": b"1"}))
    other = {"base": ModelData("s3://bucket/plain/b/", prefix=True, packed=False)}
    with bed.serving(replace(container(), data=data, channels=other)) as instance:
        assert json.loads(say(instance, "files").body) == found
        place = "/opt/ml/additional-model-data-sources/base"
        assert say(instance, f"python import os; said = os.listdir('{place}')").body == b"['c']"


def test_without_namespaces_paths_and_the_port_are_told(tmp_path):
    bed = Bed(tmp_path, Sandbox("link", False, ()))
    uri = bed.put("model.tar.gz", tar_of({"x": b"1"}))
    one, two = (container(image=OURS, data=uri, TAG=tag) for tag in ("1 ", "2 "))
    with bed.serving(one) as first, bed.serving(two) as second:
        assert (say(first, "x").body, say(second, "x").body) == (b"1 echo", b"2 echo")
        assert json.loads(say(first, "files").body) == ["x"]
    isolated = bed.start(one, isolated=True)
    assert isolated.wait(5) == "Failed"
    assert "cannot run a model without network (EnableNetworkIsolation)" in isolated.failure
    bed.close()


def test_an_object_that_is_replaced_while_it_is_read_is_read_anew(bed):
    """The store hands out the file of a version that is gone when it is opened."""

    class Late:
        def get(self, bucket, key):
            found = bed.store.get(bucket, key)
            late = [replace(found, path=bed.path / "gone", etag="old")] if not asked else [found]
            asked.append(key)
            return late[0]

    asked = []
    data = ModelData(bed.put("often.tar.gz", tar_of({"x": b"1"})))
    copies = Copies(bed.path / "often")
    with copies.held("primary", data, Late(), 60) as found:
        assert [each.name for each in found.iterdir()] == ["x"] and len(asked) == 2
    assert not (bed.path / "often").exists()


FULL = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from folder_store import FolderStore
from slipway.hosting.container import ModelData
from slipway.hosting.model_data import Copies
from slipway.hosting.model_data import Unusable, copies
base = Path(sys.argv[1])
data, store = ModelData("s3://bucket/large.tar.gz"), FolderStore(base / "s3")
try:
    with copies(base / "small" / "models").held("primary", data, store, 60):
        print("unpacked")
except Unusable as error:
    print(error, list((base / "small").rglob("*")))
"""


def test_a_disk_that_is_full_is_told_and_nothing_stays(bed):
    inside = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no mount namespaces")
    bed.put("large.tar.gz", tar_of({"a": b"x" * 900_000, "b": b"y" * 900_000}))
    (bed.path / "small").mkdir()
    shell = f'mount -t tmpfs -o size=1m none {bed.path}/small && exec "$@"'
    support = str(Path(__file__).parents[2] / "support")
    python = [sys.executable, "-c", FULL, str(bed.path), support]
    words = [*inside, "sh", "-c", shell, "sh", *python]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = "Slipway could not unpack s3://bucket/large.tar.gz: the disk is full. []\n"
    assert done.stdout == said, done.stderr
