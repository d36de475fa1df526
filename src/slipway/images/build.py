"""Make the environment of an image family from its lock. Standard library only: set-up uses it too.

The environment is whole when its marker is there, which is written last. One process builds at a
time; others that need the same environment wait for it. Why a build failed is kept beside it.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from slipway.images import environment

REASON = 600  # characters of what uv said last


class BuildFailed(Exception):
    """An environment could not be made; the message says why, and what to run."""


def ensure(family: str) -> None:
    """Return when the environment is there, making it if need be; BuildFailed when it cannot be."""
    if environment.built(family):
        return
    target = environment.prefix(family)
    with held(target, wait=True) as turn:
        if environment.built(family):  # another process has made it meanwhile
            return
        failed = reason_file(target)
        try:
            shutil.rmtree(target, ignore_errors=True)
            fill(target, environment.lock(family), uv(), turn)
            (target / environment.MARKER).write_text(environment.digest(family))
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(target, ignore_errors=True)
            said = getattr(error, "stderr", None) or str(error)
            message = (
                f"the environment of the image family {family!r} could not be made: "
                f"{' '.join(said.split())[-REASON:]} (it comes from the package index that pip and uv "
                f"are set up for; when that can be reached, run `slipway image build {family}`)"
            )
            with contextlib.suppress(OSError):
                failed.write_text(message)
            raise BuildFailed(message) from error
        failed.unlink(missing_ok=True)


def begin(family: str) -> None:
    """Make an environment in the background, unless it is there or on its way."""
    if state(family)[0] in ("not built", "failed"):
        threading.Thread(target=_try, args=(family,), name=f"build-{family}", daemon=True).start()


def _try(family: str) -> None:
    with contextlib.suppress(BuildFailed):  # kept beside it; whoever needs it is told then
        ensure(family)


def state(family: str) -> tuple[str, str]:
    """Return "built", "building", "failed" or "not built", and the reason of "failed"."""
    if environment.built(family):
        return "built", ""
    target = environment.prefix(family)
    try:
        with held(target, wait=False):
            pass
    except BlockingIOError:
        return "building", ""
    except OSError:
        return "not built", ""
    failed = reason_file(target)
    return ("failed", failed.read_text()) if failed.is_file() else ("not built", "")


def fill(target: Path, lock: Path, uv: Path, turn: TextIO | None = None) -> None:
    """Make a virtual environment that holds exactly what a lock names.

    With `turn`, what uv says is kept for the CalledProcessError instead of shown, and uv holds the
    turn as well: should this process be killed, nobody begins before uv has ended.
    """
    options = ["-q", "--require-hashes", "--compile-bytecode"]  # importing TensorFlow: 10 s → 4.5 s
    python = target / "bin" / "python"
    for command in (
        ["venv", "-q", "--allow-existing", "--python", sys.executable, target],
        ["pip", "sync", *options, "--python", python, lock],
    ):
        subprocess.run(
            [str(word) for word in (uv, *command)],
            check=True,
            env={k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}},
            stderr=subprocess.PIPE if turn else None,
            stdout=subprocess.DEVNULL if turn else None,
            pass_fds=(turn.fileno(),) if turn else (),
            text=True,
        )


def uv() -> Path:
    """Return the uv of the environment that runs Slipway; FileNotFoundError says how to get it."""
    found = Path(sys.prefix) / "bin" / "uv"
    if not found.is_file():
        raise FileNotFoundError(f"expected uv at {found}, found nothing; run `make setup`")
    return found


def reason_file(target: Path) -> Path:
    """Return where the reason of a failed build is kept."""
    return target.with_name(f"{target.name}.failed")


@contextlib.contextmanager
def held(target: Path, wait: bool) -> Iterator[TextIO]:
    """Hold the right to make an environment; BlockingIOError when another has it and `wait` is not set."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield turn
