"""The process that holds one instance of a job, from its start to the death of its last descendant.

python -I -S -c BOOT SOURCES PLAN    (standard library only; see process.py)

It runs the job's command, writes its log and its metrics, enforces its limits, and says on stdout,
as one line of JSON, how it ended. Its standard input is a pipe held by the cloud: `stop` asks the
job to end within its grace, and the end of the pipe, which even `kill -9` of the cloud brings, ends
everything at once. Where there are namespaces this process is the first of a PID namespace, so the
kernel itself leaves no process behind; elsewhere it adopts and kills every orphan.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from slipway.jobs import door
from slipway.jobs.log_file import LogWriter
from slipway.jobs.metrics import compile_all, found
from slipway.jobs.processes import descendants, memory

WATCH = 0.25  # seconds between two looks at memory and processes
CHUNK = 1 << 16  # bytes of log read at once
NOT_FOUND = 127  # exit code, as a shell's


def main() -> None:
    """Run the plan whose file is named last on the command line."""
    plan = json.loads(Path(sys.argv[-1]).read_text())
    answer = Supervisor(plan, enter(plan)).run()
    print(json.dumps(answer), flush=True)


def enter(plan: dict[str, Any]) -> bool:
    """Enter the sandbox; return whether this is now the first process of a PID namespace."""
    way = plan["way"]
    if way == "namespace":
        from slipway.jobs import mounts

        mounts.unshare(plan["network"])
        mounts.arrange(plan["mounts"])
        if child := os.fork():
            os.close(0)
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
        mounts.own_proc()
        if not plan["network"]:
            mounts.loopback_up()
    elif way != "bubblewrap" and sys.platform == "linux":
        from slipway.jobs import mounts

        mounts.adopt_orphans()
    return os.getpid() == 1


class Supervisor:
    """One instance while it runs."""

    def __init__(self, plan: dict[str, Any], first: bool) -> None:
        self._plan = plan
        self._first = first
        self._log = LogWriter(plan["log"], plan["log_limit"])
        self._patterns = compile_all(plan["metrics"])
        self._main = 0
        self._code: int | None = None  # of the command, once it has ended
        self._alone = False  # nothing of the job is left
        self._ended = ""  # why it had to end: "stop", "runtime", "memory", "processes"
        self._kill_at = float("inf")

    def run(self) -> dict[str, Any]:
        """Start the command and see it through; return how it ended."""
        output, writing = os.pipe()
        started = time.time()
        way_out = door.open_out(self._plan["door"]) if "door" in self._plan else None
        self._main = self._spawn(writing)
        os.close(writing)
        if "door" in self._plan:  # threads come after the fork
            door.serve(self._plan["door"], way_out)
        self._watch(output, time.monotonic() + self._plan["max_runtime"])
        ended = time.time()
        self._kill_all()
        while data := os.read(output, CHUNK):
            self._note(self._log.feed(data))
        self._note(self._log.close())
        code, why = self._code, self._ended or "exit"
        return {"code": code, "why": why, "started": started, "ended": ended}

    def _spawn(self, output: int) -> int:
        if pid := os.fork():
            return pid
        command = self._plan["command"]
        try:
            os.setsid()
            if sys.platform == "linux":  # out of memory, the kernel takes the job, not the cloud
                Path("/proc/self/oom_score_adj").write_text("1000")
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.chdir(self._plan["directory"])
            os.execvpe(command[0], command, self._plan["environment"])  # noqa: S606
        except (OSError, ValueError) as error:  # a null byte is a ValueError
            reason = error.strerror if isinstance(error, OSError) else error
            os.write(output, f"{command[0]}: {reason}\n".encode("utf-8", "replace"))
        os._exit(NOT_FOUND)

    def _watch(self, output: int, deadline: float) -> None:
        """Pump the log and keep the limits until the job has ended."""
        wake, waking = os.pipe()
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        for fd in (0, output, wake):
            poll.register(fd, select.POLLIN)
        look_at = 0.0
        while not self._over():
            now = time.monotonic()
            if now >= deadline:
                self._ask("runtime")
            if now >= look_at:
                self._look()
                look_at = now + WATCH
            if now >= self._kill_at:
                self._kill_all()
            for fd, _ in poll.poll(WATCH * 1000):
                data = os.read(fd, CHUNK)
                if fd == output and data:
                    self._note(self._log.feed(data))
                elif fd == output:
                    poll.unregister(output)
                elif fd == 0 and data:
                    self._ask("stop")
                elif fd == 0:
                    self._kill_all()
                    os._exit(0)

    def _over(self) -> bool:
        """Reap what has ended; a job that was asked to end is over when all of it has."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._main:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self._code = code if code >= 0 else 128 - code
        except ChildProcessError:
            self._alone = True
        return self._code is not None and (self._alone or not self._ended)

    def _ask(self, why: str) -> None:
        """Ask the whole job to end, once, and let it have its grace."""
        if not self._ended:
            self._ended = why
            self._kill_at = time.monotonic() + self._plan["grace"]
            self._signal(signal.SIGTERM)

    def _look(self) -> None:
        """End a job at once that holds more memory or processes than it may."""
        pids = descendants(os.getpid())
        limits = self._plan["memory_limit"], self._plan["process_limit"]
        if len(pids) > limits[1]:
            self._ended = self._ended or "processes"
        elif memory(pids, limits[0]) > limits[0]:
            self._ended = self._ended or "memory"
        else:
            return
        self._kill_all()

    def _kill_all(self) -> None:
        """Leave no process of the job alive."""
        self._signal(signal.SIGKILL)
        while not self._first and descendants(os.getpid()):
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        targets = [-1] if self._first else descendants(os.getpid()) or [-self._main]
        for target in targets:
            with contextlib.suppress(OSError):
                os.kill(target, number)

    def _note(self, lines: list[str]) -> None:
        """Keep the metrics of lines that were just logged."""
        values = [(name, value) for line in lines for name, value in found(self._patterns, line)]
        if values:
            now = int(time.time() * 1000)
            with open(self._plan["metrics_file"], "a") as file:  # noqa: PTH123
                file.writelines(json.dumps([now, *value]) + "\n" for value in values)
