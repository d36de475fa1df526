"""What is refused of a request for a job, of whatever kind."""

import posixpath
from pathlib import PurePosixPath
from typing import NoReturn

from slipway.cloud.service import invalid
from slipway.jobs.storage import split_uri


def refuse(message: str) -> NoReturn:
    """Raise a ValidationException."""
    raise invalid(message)


def check_unique(member: str, names: list[str]) -> None:
    """Refuse a name that comes twice."""
    if len(set(names)) < len(names):
        refuse(f"{member}: names must be unique, found {names}")


def check_uri(where: str, uri: str) -> None:
    """Refuse what is no S3 URI."""
    try:
        split_uri(uri)
    except ValueError as error:
        refuse(f"{where}: {error}")


def check_path(where: str, path: str, base: str) -> None:
    """Refuse a local path that does not lie in a folder of the job's."""
    if not PurePosixPath(posixpath.normpath(path)).is_relative_to(base):
        refuse(f"{where}: expected a LocalPath that begins with {base}/, found {path!r}")
