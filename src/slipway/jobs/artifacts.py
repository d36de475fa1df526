"""What a job leaves in its folders, on its way to S3."""

import contextlib
import os
import shutil
import stat
import tarfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from slipway.jobs import failure
from slipway.jobs.job import Job, Upload
from slipway.jobs.storage import NoSuchBucket, ObjectStore, split_uri
from slipway.jobs.workspace import ROOT, Workspace

LEVEL = 1  # of gzip: weights hardly get smaller with more
LINKS = 16  # that lead to one file
PERIOD = 1.0  # seconds between two looks at folders that are uploaded continuously


class Unreadable(Exception):
    """Something in an output folder that cannot be uploaded; the message is for a FailureReason."""


def files(workspace: Workspace, path: str) -> Iterator[tuple[str, Path]]:
    """Yield (path below the folder, file) of everything in a job's folder, links followed.

    Raises Unreadable for a link that leads out of the job's own files or to nothing, a name that no
    key can have, and what cannot be read.
    """
    folder = workspace.outside(path)
    if not is_own(workspace, folder):
        raise Unreadable(f"{path} is now a link that leads out of the job's own files")
    for found in sorted(below(folder)):
        name = found.relative_to(folder).as_posix()
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise Unreadable(f"{name!r} is no UTF-8, so no object can have this name") from error
        if found.is_symlink():
            yield name, followed(workspace, found, name)
        elif found.is_file():
            yield name, found


def below(folder: Path) -> Iterator[Path]:
    """Yield all files and links below a folder; Unreadable for what cannot be looked at."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # the job may remove what it has made
            raise Unreadable(
                f"{failure.cut(str(error.filename), 200)}: {error.strerror}"
            ) from error

    for root, folders, names in os.walk(folder, onerror=refuse):
        try:
            links = [name for name in folders if Path(root, name).is_symlink()]
        except OSError as error:
            refuse(error)
        yield from (Path(root, name) for name in (*names, *links))


def is_own(workspace: Workspace, path: Path) -> bool:
    """Tell whether a path lies in the job's /opt/ml, wherever links lead it."""
    return path.resolve().is_relative_to(workspace.ml.resolve())


def followed(workspace: Workspace, link: Path, name: str) -> Path:
    """Return the file that a link of the job's means, /opt/ml being the job's."""
    path = link
    for _ in range(LINKS):
        if not path.is_symlink():
            break
        target = path.readlink()
        inside = target.is_relative_to(ROOT)
        path = workspace.outside(str(target)) if inside else path.parent / target
    if not path.is_file() or not is_own(workspace, path):
        raise Unreadable(f"{name} is a link to {link.readlink()}, which is no file of an output")
    return path


def archive(workspaces: Sequence[Workspace], path: str, target: Path) -> bool:
    """Pack a folder of several instances as one tar.gz; return whether it holds anything."""
    packed: set[str] = set()
    with tarfile.open(target, "w:gz", compresslevel=LEVEL) as tar:
        for workspace in workspaces:
            for name, file in files(workspace, path):
                if name not in packed:
                    packed.add(name)
                    tar.add(file, name, recursive=False)
    return bool(packed)


def upload(job: Job, workspaces: Sequence[Workspace], store: ObjectStore, succeeded: bool) -> None:
    """Put every upload of a job that has ended where it belongs; after a failure, the continuous ones.

    Several instances' folders become one: of a file that more than one wrote, the first counts.
    """
    for each in job.uploads:
        if not (succeeded or each.continuous):
            continue
        bucket, key = split_uri(each.uri)
        if each.archive:
            packed = workspaces[0].path / "archive.tar.gz"
            if archive(workspaces, each.path, packed) or not each.optional:
                store.put(bucket, key, packed)
            packed.unlink()
            continue
        for workspace in reversed(workspaces):
            for name, path in files(workspace, each.path):
                store.put(bucket, f"{key.rstrip('/')}/{name}".lstrip("/"), path)


class Sync:
    """Upload the continuous folders of a running job: each file when it has rested for a period."""

    def __init__(self, job: Job, workspaces: Sequence[Workspace], store: ObjectStore) -> None:
        self._uploads = [each for each in job.uploads if each.continuous and not each.archive]
        self._workspaces = workspaces
        self._store = store
        self._seen: dict[Path, tuple[int, int]] = {}
        self._sent: dict[Path, tuple[int, int]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sync {job.name}", daemon=True)

    def __enter__(self) -> "Sync":
        if self._uploads:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._uploads:
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(PERIOD):
            for each in self._uploads:
                for workspace in self._workspaces:
                    with contextlib.suppress(
                        OSError, Unreadable, NoSuchBucket
                    ):  # the last one tells
                        self._look(each, workspace)

    def _look(self, each: Upload, workspace: Workspace) -> None:
        bucket, key = split_uri(each.uri)
        for name, path in files(workspace, each.path):
            try:
                status = path.stat()
                now = (status.st_mtime_ns, status.st_size)
                if self._seen.get(path) == now != self._sent.get(path):
                    copy = workspace.path / "copy"  # the job may go on writing to its file
                    shutil.copyfile(path, copy)
                    copy.chmod(stat.S_IMODE(status.st_mode))
                    self._store.put(bucket, f"{key.rstrip('/')}/{name}".lstrip("/"), copy)
                    copy.unlink()
                    self._sent[path] = now
                self._seen[path] = now
            except FileNotFoundError:  # gone between two looks
                continue
