"""What a job leaves in its folders, on its way to S3."""

import shutil
import stat
import tarfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from slipway.jobs.job import Job, Upload
from slipway.jobs.storage import ObjectStore, split_uri
from slipway.jobs.workspace import Workspace

LEVEL = 1  # of gzip: weights hardly get smaller with more
PERIOD = 1.0  # seconds between two looks at folders that are uploaded continuously


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (path below the folder, file) of everything that is a file or a link to one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def archive(folders: Sequence[Path], target: Path) -> bool:
    """Pack the contents of folders as one tar.gz, the first folder's first; return whether there are any."""
    packed: set[str] = set()
    with tarfile.open(target, "w:gz", compresslevel=LEVEL, dereference=True) as tar:
        for folder in folders:
            for name, path in files(folder):
                if name not in packed:
                    packed.add(name)
                    tar.add(path, name, recursive=False)
    return bool(packed)


def upload(job: Job, workspaces: Sequence[Workspace], store: ObjectStore, succeeded: bool) -> None:
    """Put every upload of a job that has ended where it belongs; after a failure, the continuous ones.

    Several instances' folders become one: for a file that more than one wrote, the first counts.
    """
    for each in job.uploads:
        if not (succeeded or each.continuous):
            continue
        folders = [workspace.outside(each.path) for workspace in workspaces]
        bucket, key = split_uri(each.uri)
        if each.archive:
            packed = workspaces[0].path / "archive.tar.gz"
            if archive(folders, packed) or not each.optional:
                store.put(bucket, key, packed)
            packed.unlink()
            continue
        for folder in reversed(folders):
            for name, path in files(folder):
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
                    self._look(each, workspace)

    def _look(self, each: Upload, workspace: Workspace) -> None:
        bucket, key = split_uri(each.uri)
        for name, path in files(workspace.outside(each.path)):
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
