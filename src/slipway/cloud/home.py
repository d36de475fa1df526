"""The state folder: one cloud at a time, of one format, and the files by which others find it."""

import contextlib
import errno
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

from slipway.cloud.state import FORMAT

LOG_BYTES = 10 << 20
LOG_FILES = 3


class CannotStart(Exception):
    """Why a cloud cannot be had on this folder or port, and what to do about it."""


@contextlib.contextmanager
def taken(home: Path) -> Iterator[bool]:
    """Hold the folder for this process; yield whether the last cloud on it was stopped cleanly.

    Raises CannotStart: another cloud has it, it cannot be written, or another version made it.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(home, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise CannotStart(
            f"expected {home} to be free, found another cloud on it (process {pid_in(home)}); stop "
            "that one with `slipway down`, or set SLIPWAY_HOME to another folder"
        ) from error
    try:
        clean = not (home / "endpoint").exists() and not (home / "running").exists()
        check_format(home)
        (home / "running").touch()
        yield clean
        withdraw(home)
        (home / "running").unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT):
            raise unwritable(home, error) from error
        raise
    finally:
        os.close(handle)


def unwritable(home: Path, error: OSError) -> CannotStart:
    """Return what to say of a folder that cannot be written."""
    reason = error.strerror or str(error)
    return CannotStart(
        f"expected a state folder that can be written, found {home}: {reason}; make it writable (or "
        "free some space), or set SLIPWAY_HOME to another folder"
    )


def check_format(home: Path) -> None:
    """Write the folder's format into a new folder, or compare; CannotStart."""
    file = home / "format"
    if not file.exists():
        file.write_text(json.dumps({"format": FORMAT}))
    try:
        found = json.loads(file.read_text())["format"]
    except (ValueError, KeyError, TypeError):
        found = "an unreadable one"
    if found != FORMAT:
        raise CannotStart(
            f"expected a state folder of format {FORMAT}, found {found} in {home}; use the version of "
            "Slipway that made it, or set SLIPWAY_HOME to another folder"
        )


def pid_in(home: Path) -> str:
    """Return the process that the folder names."""
    try:
        return (home / "pid").read_text().strip()
    except OSError:
        return "unknown"


def announce(home: Path, endpoint: str, enforces_iam: bool = False) -> None:
    """Let others find the cloud, now that it answers. The endpoint is there whole or not at all."""
    (home / "pid").write_text(str(os.getpid()))
    (home / "enforces-iam").unlink(missing_ok=True)
    if enforces_iam:
        (home / "enforces-iam").touch()
    draft = home / "endpoint.new"
    draft.write_text(endpoint)
    draft.replace(home / "endpoint")


def withdraw(home: Path) -> None:
    """Let nobody find the cloud any more."""
    for name in ("endpoint", "pid", "enforces-iam"):
        (home / name).unlink(missing_ok=True)


def log_to(home: Path) -> None:
    """Log into `cloud.log`, which is exchanged for a new one when it is large."""
    handler = RotatingFileHandler(home / "cloud.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("botocore", "boto3", "urllib3", "s3transfer", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
