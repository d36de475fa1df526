"""The four ways to give a job its /opt/ml, each tried on this machine as far as it can do it."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from slipway.jobs import probe, sandbox
from slipway.jobs.job import Input, Instance
from slipway.jobs.sandbox import Sandbox

SOURCES = str(Path(sandbox.__file__).parents[2])
SIDE_BY_SIDE = """
import time
from pathlib import Path
mine = Path("/opt/ml/processing/output/mine")
mine.write_text("NUMBER")
time.sleep(0.5)
print(mine.read_text())
"""


def test_this_machine_has_a_way_that_hides_its_limits_from_nobody(bench):
    found = probe.find(bench.path / "probes")
    assert found.way in ("namespace", "bubblewrap", "link", "substitution")
    assert bool(found.cannot) == (found.way != "namespace" or not found.overlay)
    if found.way == "substitution":
        assert any("hard-codes /opt/ml" in sentence for sentence in found.cannot)
    assert not list((bench.path / "probes").iterdir())


@pytest.mark.parametrize("way", ["namespace", "bubblewrap"])
def test_jobs_with_hard_coded_paths_run_side_by_side(bench, way):
    chosen = Sandbox(way, False, ())
    if problem := probe.trial(chosen, bench.path / "probes"):
        pytest.skip(f"{way}: {problem}")
    runs = []
    for number in "12":
        run = bench.run(SIDE_BY_SIDE.replace("NUMBER", number), sandbox=chosen)
        run._folder = bench.path / number
        runs.append(bench.start(run))
    assert [run.outcome().status for run in runs] == ["Completed"] * 2
    for number in "12":
        log = (bench.path / number / "logs" / "algo-1.log").read_text()
        assert log.endswith(f"Z {number}\n")


@pytest.mark.parametrize("way", ["namespace", "bubblewrap"])
def test_a_job_cannot_change_its_image_nor_see_the_machines_opt(bench, way):
    chosen = Sandbox(way, False, ())
    if problem := probe.trial(chosen, bench.path / "probes"):
        pytest.skip(f"{way}: {problem}")
    script = f"""
import os
try:
    open("{sys.prefix}/changed", "w")
except OSError as error:
    print(error.strerror)
print(sorted(os.listdir("/opt/ml")), os.getpid() < 10)
"""
    bench.outcome(script, sandbox=chosen)
    assert bench.log() == ["Read-only file system", "['output', 'processing'] True"]


@pytest.mark.parametrize("way", ["namespace", "bubblewrap"])
def test_every_job_has_a_tmp_of_its_own(bench, way):
    chosen = Sandbox(way, False, ())
    if problem := probe.trial(chosen, bench.path / "probes"):
        pytest.skip(f"{way}: {problem}")
    if Path(SOURCES).is_relative_to("/tmp") or not os.access("/var/tmp", os.W_OK):
        pytest.skip("this repository lies in /tmp itself")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="slipway-") as elsewhere:
        bench.path = Path(elsewhere)
        script = "import os; print(os.listdir('/tmp')); open('/tmp/mine', 'w').write('x')"
        bench.outcome(script, sandbox=chosen)
        assert bench.log() == ["[]"]
    assert not Path("/tmp/mine").exists()


def test_bubblewrap_isolates_from_the_network(bench):
    chosen = Sandbox("bubblewrap", False, ())
    if problem := probe.trial(chosen, bench.path / "probes"):
        pytest.skip(problem)
    script = "print(open('/proc/net/dev').read().count(':'))"
    bench.outcome(script, sandbox=chosen, isolated=True)
    assert bench.log() == ["1"], "only the loopback interface"


def test_substitution_gives_arguments_and_configuration_and_says_what_it_cannot(bench):
    chosen = Sandbox("substitution", False, ())
    bench.store.put_text("bucket", data__a="one")
    source = "/opt/ml/processing/input/data"
    script = "import sys; print(open(sys.argv[1] + '/a').read())"
    common = dict(sandbox=chosen, inputs=(Input("data", "s3://bucket/data/", source),))
    bench.outcome("", command=("python3", "-c", script, source), **common)
    assert bench.log() == ["one"]
    told = Instance("algo-1", {"/opt/ml/config.json": '{"at": "/opt/ml/model", "/opt/mlx": 1}'}, {})
    script = "import sys; print(open(sys.argv[1]).read())"
    command = ("python3", "-c", script, "/opt/ml/config.json")
    bench.outcome("", command=command, sandbox=chosen, instances=(told,))
    assert bench.log()[1:] == [f'{{"at": "{bench.path}/job/algo-1/ml/model", "/opt/mlx": 1}}']
    (bench.path / "s3" / "bucket" / "data" / "script.py").write_text(
        f"open('/opt/{'ml'}/processing/input/data/a')"
    )
    outcome = bench.outcome("", command=("python3", f"{source}/script.py"), **common)
    assert outcome.status == "Failed"
    assert outcome.failure.endswith(
        "(this machine cannot give a job its own /opt/ml; see `slipway doctor`)"
    )


TURNS = """
import json, sys, threading
from pathlib import Path
base, sources, tests = map(Path, sys.argv[1:])
sys.path[:0] = [str(sources), str(tests), str(tests.parents[1] / "support")]
link = Path("/opt/ml")
link.symlink_to(base / "opt-ml")
from conftest import Bench
from folder_store import FolderStore
from slipway.jobs import probe
from slipway.jobs.sandbox import Sandbox
assert probe.is_ours(link)
(base / "s3" / "bucket").mkdir(parents=True)
script = '''
import time
from pathlib import Path
mine = Path("/opt/ml/processing/output/mine")
assert not mine.exists()
mine.write_text("x")
print(time.time())
time.sleep(0.3)
print(time.time())
'''
def run(number):
    bench = Bench(base / str(number), FolderStore(base / "s3"))
    outcome = bench.outcome(script, sandbox=Sandbox("link", False, ()))
    assert outcome.status == "Completed", bench.log()
    times.append(tuple(map(float, bench.log())))
times = []
threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(sorted(times)))
"""


def test_with_a_link_jobs_take_turns(tmp_path):
    """In a mount namespace of its own, so that the machine's /opt stays as it is."""
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed")
    inside = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no mount namespaces")
    (tmp_path / "turns.py").write_text(TURNS)
    here = str(Path(__file__).parent)
    shell = 'mount -t tmpfs none /opt && exec "$@"'
    python = [sys.executable, str(tmp_path / "turns.py"), str(tmp_path), SOURCES, here]
    done = subprocess.run(
        [*inside, "sh", "-c", shell, "sh", *python], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    times = json.loads(done.stdout)
    assert len(times) == 3
    for (_, end), (start, _) in itertools.pairwise(times):
        assert end <= start


def test_an_ordinary_user_gets_a_namespace_too():
    """As `nobody`, who owns nothing here: no root, no /opt/ml, no right to write to /opt."""
    system = "/usr/bin/python3"
    if os.getuid() != 0:
        pytest.skip("every other test already runs as an ordinary user")
    if not (shutil.which("setpriv") and Path(system).exists()):
        pytest.skip("needs setpriv and a Python that every user can read")
    base = Path(tempfile.mkdtemp(prefix="slipway-"))
    try:
        base.chmod(0o755)
        made = [system, "-m", "venv", "--without-pip", str(base / "venv")]
        subprocess.run(made, check=True, capture_output=True)
        shutil.copytree(SOURCES, base / "src", ignore=shutil.ignore_patterns("__pycache__"))
        (base / "jobs").mkdir()
        shutil.chown(base / "jobs", "nobody")
        script = (
            f"import sys; sys.path.insert(0, {str(base / 'src')!r})\n"
            "from pathlib import Path\n"
            "from slipway.jobs import probe\n"
            f"folder = Path({str(base / 'jobs')!r})\n"
            "found = probe.find(folder)\n"
            "print(found.way, found.overlay, found.why, list(folder.iterdir()))\n"
        )
        user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        python = [str(base / "venv" / "bin" / "python"), "-c", script]
        done = subprocess.run([*user, *python], capture_output=True, text=True, check=False)
        if "Operation not permitted" in done.stdout:
            pytest.skip(f"this machine gives users no namespaces: {done.stdout}")
        assert done.stdout == "namespace True () []\n", done.stderr
    finally:
        shutil.rmtree(base)


@pytest.mark.parametrize(
    ("way", "isolated", "hosts", "problem"),
    [
        ("namespace", True, 2, ""),
        ("bubblewrap", True, 2, ""),
        ("link", False, 1, ""),
        ("link", False, 2, "each can have one instance"),
        ("link", True, 1, "without network"),
        ("substitution", True, 1, "without network"),
        ("substitution", False, 2, ""),
    ],
)
def test_what_a_sandbox_cannot_do_is_known_before_a_job_is_taken(
    bench, way, isolated, hosts, problem
):
    found = Sandbox(way, False, ())
    said = found.problem(bench.run("", isolated=isolated, hosts=hosts, sandbox=found)._job)
    assert problem in said and bool(said) == bool(problem)


def test_a_link_is_somebodys_only_where_its_place_can_be_changed(tmp_path):
    (tmp_path / "mine").symlink_to(tmp_path / "place")
    (tmp_path / "other").symlink_to("/proc/1/place")
    (tmp_path / "near").symlink_to("place")
    assert probe.is_ours(tmp_path / "mine") and probe.is_ours(tmp_path / "near")
    assert not probe.is_ours(tmp_path / "other") and not probe.is_ours(tmp_path)
