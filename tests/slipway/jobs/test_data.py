"""What goes into a job's folders and what comes out of them."""

import gzip
import io
import json
import os
import socket
import tarfile
import time

import pytest

from slipway.jobs.job import Input, Instance, Upload
from slipway.jobs.sandbox import Sandbox

IN, OUT = "/opt/ml/processing/input/data", "/opt/ml/processing/output"


@pytest.fixture(params=["found", "substitution"])
def sandbox(request):
    return None if request.param == "found" else Sandbox("substitution", False, ())


def hosts(count: int) -> tuple[Instance, ...]:
    return tuple(
        Instance(f"algo-{n}", {"/opt/ml/host": f"algo-{n}"}, {}) for n in range(1, count + 1)
    )


def test_a_job_may_do_what_it_likes_with_its_inputs_and_objects_stay(bench, sandbox):
    bench.store.put_text("bucket", data__a="one", data__b="two", data__c="three")
    script = f"""
import os, shutil
open("{IN}/a", "a").write(" changed")
os.remove("{IN}/b")
shutil.move("{IN}/c", "{OUT}/c")
open("{IN}/new", "w").write("new")
print(sorted(os.listdir("{IN}")), open("{IN}/a").read())
"""
    outcome = bench.outcome(
        script,
        sandbox=sandbox,
        inputs=(Input("data", "s3://bucket/data/", IN),),
        uploads=(Upload(OUT, "s3://bucket/out"),),
    )
    assert outcome.status == "Completed", bench.log()
    assert bench.log() == ["['a', 'new'] one changed"]
    data = {"data/a": "one", "data/b": "two", "data/c": "three"}
    assert bench.store.texts("bucket") == {**data, "out/c": "three"}


def test_an_output_folder_that_is_an_input_folder_is_uploaded_with_its_changes(bench, sandbox):
    bench.store.put_text("bucket", data__a="one", data__b="two")
    script = f"import os; os.remove('{IN}/a'); open('{IN}/sub', 'w').write('new')"
    bench.outcome(
        script,
        sandbox=sandbox,
        inputs=(Input("data", "s3://bucket/data/", IN),),
        uploads=(Upload(IN, "s3://bucket/out/"),),
    )
    found = bench.store.texts("bucket")
    assert {k: v for k, v in found.items() if k.startswith("out/")} == {
        "out/b": "two",
        "out/sub": "new",
    }


def test_inputs_are_linked_where_the_sandbox_can(bench):
    bench.store.put_text("bucket", data__big="x" * 1000)
    run = bench.run("import time; print('ready'); time.sleep(30)")
    if not run._sandbox.overlay:
        pytest.skip("this machine's sandbox copies inputs")
    run = bench.run(
        "import time; print('ready'); time.sleep(30)",
        inputs=(Input("data", "s3://bucket/data/", IN),),
    )
    running = bench.start(run)
    bench.wait_for_log("ready")
    (link,) = (bench.path / "job" / "algo-1" / "inputs").rglob("big")
    assert link.samefile(bench.path / "s3" / "bucket" / "data" / "big")
    run.stop()
    running.outcome()


def test_compressed_inputs_are_unpacked(bench):
    path = bench.path / "s3" / "bucket" / "data" / "a.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(b"1,2"))
    bench.outcome(
        f"import os; print(os.listdir('{IN}'), open('{IN}/a.csv').read())",
        inputs=(Input("data", "s3://bucket/data/", IN, gunzip=True),),
    )
    assert bench.log() == ["['a.csv'] 1,2"]


@pytest.mark.parametrize(
    "data", [b"1,2", gzip.compress(b"1,2" * 1000)[:-9]], ids=["not packed", "cut"]
)
def test_what_is_not_compressed_as_it_was_said_is_named(bench, data):
    path = bench.path / "s3" / "bucket" / "data" / "a.csv.gz"
    path.parent.mkdir()
    path.write_bytes(data)
    source = Input("data", "s3://bucket/data/", IN, gunzip=True)
    outcome = bench.outcome("print('never')", inputs=(source,))
    assert outcome.failure.startswith(
        "ClientError: Data download failed: a.csv.gz is no whole gzip file: "
    )
    assert bench.log() == []


def test_objects_are_shared_out_and_outputs_come_together(bench):
    bench.store.put_text("bucket", **{f"data__{n}": str(n) for n in range(5)})
    script = f"""
import os
host = open("/opt/ml/host").read()
names = sorted(os.listdir("{IN}"))
open(f"{OUT}/{{host}}.txt", "w").write(",".join(names))
open(f"{OUT}/common.txt", "w").write(host)
"""
    bench.outcome(
        script,
        instances=hosts(2),
        inputs=(Input("data", "s3://bucket/data/", IN, sharded=True),),
        uploads=(Upload(OUT, "s3://bucket/out"),),
    )
    found = bench.store.texts("bucket")
    assert found["out/algo-1.txt"] == "0,2,4"
    assert found["out/algo-2.txt"] == "1,3"
    assert found["out/common.txt"] == "algo-1"


def test_the_archive_holds_every_file_and_follows_links(bench):
    script = f"""
import os
os.makedirs("{OUT}/deep/er")
open("{OUT}/deep/er/a", "w").write("a")
os.symlink("{OUT}/deep/er/a", "{OUT}/link")
"""
    uri = "s3://bucket/model.tar.gz"
    bench.outcome(script, uploads=(Upload(OUT, uri, archive=True),))
    data = bench.store.get("bucket", "model.tar.gz").path.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {each.name: tar.extractfile(each).read() for each in tar}
    assert found == {"deep/er/a": b"a", "link": b"a"}


def test_a_link_to_what_is_no_output_fails_the_job_and_says_which(bench):
    outcome = bench.outcome(
        f"import os; os.symlink('/etc/passwd', '{OUT}/users')",
        uploads=(Upload(OUT, "s3://bucket"),),
    )
    assert outcome.failure == (
        "ClientError: Artifact upload failed: users is a link to /etc/passwd, "
        "which is no file of an output"
    )


def test_an_empty_archive_is_left_out_only_when_it_is_optional(bench):
    uploads = (
        Upload(OUT, "s3://bucket/model.tar.gz", archive=True),
        Upload(OUT, "s3://bucket/output.tar.gz", archive=True, optional=True),
    )
    bench.outcome("", uploads=uploads)
    assert [each.key for each in bench.store.list("bucket", "")] == ["model.tar.gz"]


def test_a_failed_job_uploads_only_what_is_continuous(bench):
    script = f"open('{OUT}/x', 'w').write('x'); raise SystemExit(1)"
    uploads = (
        Upload(OUT, "s3://bucket/end"),
        Upload(OUT, "s3://bucket/going", continuous=True),
    )
    assert bench.outcome(script, uploads=uploads).status == "Failed"
    assert bench.store.texts("bucket") == {"going/x": "x"}


def test_continuous_outputs_come_while_the_job_runs(bench):
    script = f"open('{OUT}/early', 'w').write('early'); import time; time.sleep(30)"
    run = bench.run(script, uploads=(Upload(OUT, "s3://bucket/out", continuous=True),))
    running = bench.start(run)
    end = time.monotonic() + 20
    while bench.store.texts("bucket") != {"out/early": "early"}:
        assert time.monotonic() < end
        time.sleep(0.05)
    run.stop()
    running.outcome()


def test_an_upload_to_no_bucket_fails_the_job(bench):
    outcome = bench.outcome(
        f"open('{OUT}/x', 'w').write('x')", uploads=(Upload(OUT, "s3://nowhere/out"),)
    )
    assert outcome.status == "Failed"
    assert outcome.failure.startswith("ClientError: Artifact upload failed")
    assert "nowhere" in outcome.failure


def test_the_environment_holds_nothing_of_ours(bench, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CLOUD", "x")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    script = """
import os, json
print(json.dumps(dict(os.environ)))
try:
    print("SECRET" in open(f"/proc/{os.getppid()}/environ").read())
except PermissionError:  # an ordinary user may not even look
    print(False)
"""
    bench.outcome(script, instances=(Instance("algo-1", {}, {"OMP_NUM_THREADS": "7"}),))
    found = json.loads(bench.log()[0])
    assert bench.log()[1] == "False", "nor can it be read from the process that holds the job"
    assert "SECRET_OF_THE_CLOUD" not in found and "PYTHONPATH" not in found
    assert found["OMP_NUM_THREADS"] == "7", "the job's own setting goes first"
    assert found["MKL_NUM_THREADS"] == "2", "the cores of the machine, for one instance"
    assert found["PATH"].startswith(str(bench.path / "job" / "algo-1" / "python" / "bin"))


def test_a_job_without_network_reaches_only_itself(bench):
    script = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
    print("itself")
try:
    socket.create_connection(("127.0.0.1", PORT), timeout=2)
except OSError as error:
    print(type(error).__name__)
"""
    run = bench.run("", isolated=True)
    if problem := run._sandbox.problem(run._job):
        pytest.skip(problem)
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = script.replace("PORT", str(server.getsockname()[1]))
        assert bench.outcome(script, isolated=True).status == "Completed", bench.log()
    assert bench.log() == ["itself", "ConnectionRefusedError"]


def test_nothing_but_logs_is_left(bench):
    bench.store.put_text("bucket", data__a="one")
    script = f"""
import os
open("{OUT}/x", "w").write("x" * 1000)
open("{IN}/a", "a").write("more")
os.mkdir("{OUT}/closed")
open("{OUT}/closed/y", "w").write("y")
os.chmod("{OUT}/closed", 0)
"""
    bench.outcome(script, inputs=(Input("data", "s3://bucket/data/", IN),))
    left = [os.path.relpath(path, bench.path / "job") for path in (bench.path / "job").rglob("*")]
    assert sorted(left) == ["logs", "logs/algo-1.log"]
