"""No process is left behind, whatever a job does."""

import time
from dataclasses import replace

import pytest

from sleepers import alive
from slipway.jobs.job import Instance
from slipway.jobs.sandbox import Sandbox

ESCAPE = """
import os, sys, time
def daemon(mark):  # twice forked, in a session of its own, its output closed
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sys.stdout.flush()
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2): os.dup2(null, fd)
            os.execvp("sleep", ["sleep", mark])
        os._exit(0)
"""


def gone(mark: str, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while alive(mark) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(mark)


@pytest.fixture(params=["found", "substitution"])
def sandbox(request):
    """The best sandbox of this machine, and the one that needs nothing of it."""
    return None if request.param == "found" else Sandbox("substitution", False, ())


@pytest.fixture
def mark(request):
    """A number of seconds that only this test's processes sleep."""
    return f"{abs(hash(request.node.nodeid)) % 100_000_000 + 1000}"


def test_what_a_job_left_running_ends_with_it(bench, mark, sandbox):
    script = ESCAPE + f"daemon('{mark}'); time.sleep(0.3); print('over')"
    outcome = bench.outcome(script, sandbox=sandbox)
    assert outcome.status == "Completed"
    assert gone(mark)


def test_a_stop_lets_the_job_clean_up(bench, sandbox):
    script = """
import signal, sys, time
def clean(*_):
    print("saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, clean)
print("ready")
time.sleep(60)
"""
    running = bench.start(bench.run(script, sandbox=sandbox))
    bench.wait_for_log("ready")
    running.run_.stop()
    assert running.outcome().status == "Stopped"
    assert bench.log() == ["ready", "saved"]


def test_a_job_that_ignores_the_stop_is_killed_after_its_grace(bench, mark, sandbox):
    script = (
        ESCAPE
        + f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
daemon('{mark}')
print("ready")
time.sleep(60)
"""
    )
    running = bench.start(
        bench.run(script, sandbox=sandbox, limits=replace(bench.limits, grace=0.5))
    )
    bench.wait_for_log("ready")
    running.run_.stop()
    assert running.outcome().status == "Stopped"
    assert gone(mark)


def test_a_kill_ends_all_at_once(bench, mark, sandbox):
    script = (
        ESCAPE
        + f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
daemon('{mark}')
print("ready")
time.sleep(60)
"""
    )
    running = bench.start(bench.run(script, sandbox=sandbox))
    bench.wait_for_log("ready")
    running.run_.kill()
    outcome = running.outcome(seconds=5)
    assert "the local cloud was stopped while the job ran" in outcome.failure
    assert gone(mark)
    assert not (bench.path / "job" / "algo-1").exists()


def test_a_stop_before_the_start_runs_nothing(bench):
    run = bench.run("print('never')")
    run.stop()
    assert run.execute(bench.phases.append).status == "Stopped"
    assert bench.log() == []


def test_time_runs_out(bench):
    outcome = bench.outcome("import time; time.sleep(60)", max_runtime=1)
    assert outcome.status == "Stopped" and outcome.out_of_time


def test_too_much_memory_ends_the_job_and_says_so(bench, sandbox):
    script = "import time; data = bytearray(300 << 20); print('got it'); time.sleep(60)"
    outcome = bench.outcome(script, sandbox=sandbox, limits=replace(bench.limits, memory=200 << 20))
    assert outcome.status == "Failed"
    assert outcome.failure.startswith("ClientError: Please use an instance type with more memory")
    assert "200 MiB (SLIPWAY_JOB_MEMORY), exit code: 137" in outcome.failure


def test_too_many_processes_end_the_job_and_it_says_so(bench, mark, sandbox):
    script = f"""
import os, time
for _ in range(60):
    if os.fork() == 0: os.execvp("sleep", ["sleep", "{mark}"])
time.sleep(60)
"""
    outcome = bench.outcome(script, sandbox=sandbox, limits=replace(bench.limits, processes=40))
    assert outcome.failure == (
        "AlgorithmError: the job started more than 40 processes (SLIPWAY_JOB_PROCESSES), "
        "exit code: 137"
    )
    assert gone(mark)


def test_a_flood_of_log_neither_fills_memory_nor_disk(bench):
    script = "line = 'x' * 1000\nfor _ in range(50_000): print(line)"
    outcome = bench.outcome(script, limits=replace(bench.limits, log=1 << 20))
    assert outcome.status == "Completed"
    assert (bench.path / "job" / "logs" / "algo-1.log").stat().st_size < (1 << 20) + 1024
    assert "slipway: the log reached its limit;" in bench.log()[-1]


def test_death_by_a_signal_is_told(bench):
    outcome = bench.outcome("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert outcome.failure == "AlgorithmError: , exit code: 139"
    outcome = bench.outcome("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "as the system does when memory runs out, exit code: 137" in outcome.failure


def test_a_command_that_is_not_there_is_told(bench):
    outcome = bench.outcome("", command=("no-such-command", "x"))
    assert outcome.failure == (
        "AlgorithmError: no-such-command: No such file or directory, exit code: 127"
    )


def test_a_failure_of_one_instance_ends_the_others(bench):
    script = """
import sys, time
from pathlib import Path
if Path("/opt/ml/who").read_text() == "algo-2": sys.exit(5)
time.sleep(60)
"""
    hosts = ("algo-1", "algo-2")
    instances = tuple(Instance(host, {"/opt/ml/who": host}, {}) for host in hosts)
    outcome = bench.outcome(script, instances=instances)
    assert outcome.failure == "AlgorithmError: , exit code: 5"


def test_nothing_runs_on_when_the_second_instance_cannot_start(bench, mark, monkeypatch):
    from slipway.jobs import run

    started = []

    def start(*arguments):
        if started:
            raise OSError(28, "No space left on device")
        started.append(run.process_start(*arguments))
        return started[0]

    monkeypatch.setattr(run, "process_start", run.start, raising=False)
    monkeypatch.setattr(run, "start", start)
    outcome = bench.outcome(ESCAPE + f"daemon('{mark}'); time.sleep(60)", hosts=2)
    assert outcome.failure == "InternalServerError: Slipway: [Errno 28] No space left on device"
    assert gone(mark)
