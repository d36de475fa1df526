"""The local cloud's life: up, down, status."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from slipway.cli.errors import ExitCode, Refused
from slipway.cli.output import Json, emit, note, say
from slipway.numbers import whole

PORT = 4599
STARTS_WITHIN = 60.0  # seconds; a journal of many requests takes a while to replay
STOPS_WITHIN = 150.0  # seconds; a job has 120 of them to end


@dataclass(frozen=True)
class Running:
    """A local cloud that answers."""

    endpoint: str
    pid: int
    home: str  # its state folder
    enforces_iam: bool = False


def up(
    port: Annotated[
        int | None,
        typer.Option(help="Port on loopback; 0 takes a free one.  [env: SLIPWAY_PORT; 4599]"),
    ] = None,
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Then deploy the platform, as the CDK CLI does.")
    ] = False,
    environment: Annotated[
        str, typer.Option(help="Whose platform --deploy deploys: dev, staging or prod.")
    ] = "dev",
    enforce_iam: Annotated[
        bool,
        typer.Option("--enforce-iam", help="Judge every request by its caller's policies."),
    ] = False,
    json: Json = False,
) -> None:
    """Start the local cloud and wait until it answers."""
    home = state_folder()
    started = time.monotonic()
    cloud = running(home)
    if cloud and enforce_iam and not cloud.enforces_iam:
        raise Refused(
            f"expected a cloud that enforces IAM, found one up at {cloud.endpoint} that does not; "
            "stop it with `slipway down` first"
        )
    if cloud:
        note(f"already up at {cloud.endpoint}")
    else:
        cloud = start(home, chosen_port() if port is None else port, enforce_iam)
        note(f"up in {time.monotonic() - started:.1f} s")
    if deploy:
        from slipway.cli import platform

        platform.deploy(cloud, environment)
        note(f"deployed {time.monotonic() - started:.1f} s after the start")
    if json:
        emit(asdict(cloud))
    else:
        say(f"The local cloud answers at {cloud.endpoint} (state in {cloud.home}).")
        say('Point this shell at it:  eval "$(slipway env)"')


def down(json: Json = False) -> None:
    """Stop the local cloud.

    Running jobs are stopped; all state is kept.
    """
    home = state_folder()
    cloud = running(home)
    if cloud is None:
        note(f"no local cloud is up in {home}")
    else:
        end(cloud)
        note("down")
    if json:
        emit({"home": str(home), "stopped": cloud is not None})


def status(json: Json = False) -> int:
    """Say whether the local cloud is up, and where.

    The exit code is 1 when it is not.
    """
    home = state_folder()
    cloud = running(home)
    if json:
        emit({"up": True, **asdict(cloud)} if cloud else {"up": False, "home": str(home)})
    elif cloud:
        say(f"up      {cloud.endpoint}")
        say(f"state   {cloud.home}")
        say(f"log     {home / 'cloud.log'}")
        say(f"process {cloud.pid}")
        say(f"IAM     {'enforced' if cloud.enforces_iam else 'not enforced'}")
        pointed = os.environ.get("AWS_ENDPOINT_URL")
        if pointed != cloud.endpoint:
            where = pointed or "AWS (AWS_ENDPOINT_URL is not set)"
            say(f'note    this shell points at {where}; change it with eval "$(slipway env)"')
    else:
        say(f"down    state in {home}; start it with `slipway up`")
    return ExitCode.DONE if cloud else ExitCode.REFUSED


def state_folder() -> Path:
    """Return the folder of the local cloud: SLIPWAY_HOME, else ~/.slipway."""
    named = os.environ.get("SLIPWAY_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".slipway"


def chosen_port() -> int:
    """Return the port: SLIPWAY_PORT, else 4599."""
    expected = "a port from 0 (a free one) to 65535"
    try:
        return whole(os.environ, "SLIPWAY_PORT", PORT, expected, most=65535)
    except ValueError as error:
        raise Refused(str(error)) from error


def running(home: Path) -> Running | None:
    """Return the cloud that serves this folder, or None."""
    try:
        pid = int((home / "pid").read_text())
        endpoint = (home / "endpoint").read_text()
        os.kill(pid, 0)  # left by a killed cloud, they may name a process that is gone
    except (OSError, ValueError):
        return None
    enforces_iam = (home / "enforces-iam").exists()
    return Running(endpoint, pid, str(home), enforces_iam) if held(home) else None


def held(home: Path) -> bool:
    """Return whether a cloud holds the folder's lock."""
    try:
        with (home / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def start(home: Path, port: int, enforce_iam: bool = False) -> Running:
    """Start the cloud's process, detached from this terminal, and wait until it answers."""
    flags = ["--enforce-iam"] if enforce_iam else []
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (home / "cloud.out").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "slipway.cloud.process", str(home), str(port), *flags],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                cwd=home,
            )
    except OSError as error:
        raise Refused(
            f"expected a state folder that can be written, found {error}; set SLIPWAY_HOME to "
            "another folder"
        ) from error
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None and not (code == 1 and held(home)):
            raise ended(home, code)
        cloud = running(home)
        if cloud and (cloud.pid == process.pid or code is not None):
            return cloud  # ours, or that of another `up` at the same time, which was quicker
        time.sleep(0.01)
    if code is not None:
        raise ended(home, code)
    process.send_signal(signal.SIGTERM)
    raise Refused(
        f"expected the cloud to answer within {STARTS_WITHIN:.0f} s, found nothing; see "
        f"{home / 'cloud.log'}"
    )


def ended(home: Path, code: int) -> Exception:
    """Return why a cloud did not come up: what it said, or a bug of ours."""
    words = (home / "cloud.out").read_text(errors="replace").strip()
    if code == 1 and words and "\n" not in words:
        return Refused(words)
    note(words)
    return RuntimeError(f"the cloud's process ended with code {code}; see {home / 'cloud.log'}")


def end(cloud: Running) -> None:
    """Ask the cloud to stop and wait until it has let go of its folder."""
    os.kill(cloud.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPS_WITHIN
    while held(Path(cloud.home)):
        if time.monotonic() > deadline:
            raise Refused(
                f"expected process {cloud.pid} to stop within {STOPS_WITHIN:.0f} s, it still runs; "
                f"see {cloud.home}/cloud.log, or `kill -9 {cloud.pid}` (nothing finished is lost)"
            )
        time.sleep(0.02)
