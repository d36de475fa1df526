"""The folder of one instance while it runs: what will be its /opt/ml, and what stands behind it."""

import gzip
import os
import shutil
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from slipway.jobs.inputs import InputError, objects, share
from slipway.jobs.job import Input, Instance, Job
from slipway.jobs.storage import ObjectStore

ROOT = "/opt/ml"


@dataclass(frozen=True)
class Overlay:
    """A folder of linked objects that the job may write to without changing them."""

    target: str  # as the job sees it
    lower: Path
    upper: Path
    work: Path


@dataclass(frozen=True)
class Workspace:
    """The folders of one instance; all of them go when the job has ended."""

    path: Path

    @property
    def ml(self) -> Path:
        """What the job sees as /opt/ml."""
        return self.path / "ml"

    @property
    def tmp(self) -> Path:
        """What the job sees as /tmp, where it can have its own."""
        return self.path / "tmp"

    @property
    def home(self) -> Path:
        """The home folder of the job's user."""
        return self.path / "home"

    @property
    def python(self) -> Path:
        """The job's own Python environment, on top of its image's."""
        return self.path / "python"

    def outside(self, path: str) -> Path:
        """Return where a path that the job sees really lies; ValueError outside /opt/ml."""
        return self.ml / Path(os.path.normpath(path)).relative_to(ROOT)


def lay_out(
    workspace: Workspace, job: Job, instance: Instance, inside: Callable[[str], str]
) -> None:
    """Create the folders and configuration files that stand before any data comes.

    `inside` returns a text with its paths as the job's sandbox has them.
    """
    for folder in (workspace.ml, workspace.tmp, workspace.home, workspace.path / "scratch"):
        folder.mkdir(parents=True)
    for path in job.folders:
        workspace.outside(path).mkdir(parents=True, exist_ok=True)
    for path, content in instance.files.items():
        file = workspace.outside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(inside(content))


def bring(
    workspace: Workspace, job: Job, index: int, store: ObjectStore, overlay: bool
) -> list[Overlay]:
    """Put one instance's inputs in their places; return what is to be laid over which folder.

    With `overlay`, objects are linked; otherwise, and where a folder of uploads holds the input or
    lies within it, they are copied, so that nothing that a job does can change them.
    """
    overlays: dict[str, Overlay] = {}
    for source in sorted(job.inputs, key=lambda each: each.path):
        found = objects(store, source)
        if source.sharded:
            found = list(share(found, index, len(job.instances)))  # type: ignore[arg-type]
        place = workspace.outside(source.path)
        place.mkdir(parents=True, exist_ok=True)
        linked = overlay and not source.gunzip and not _meets(source, job)
        if linked:
            fresh = layer(workspace, len(overlays), source.path)
            over = overlays.setdefault(os.path.normpath(source.path), fresh)
            place = over.lower
        for path, stored in found:
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if linked:
                link(stored.path, target)
            elif source.gunzip and path.endswith(".gz"):
                unpack(stored.path, target.with_suffix(""), path)
            else:
                shutil.copyfile(stored.path, target)
    return list(overlays.values())


def remove(path: Path) -> None:
    """Remove an instance's folders, also those that the job or an overlay closed to their owner."""
    if os.getuid():
        for folder, names, _ in os.walk(path):
            for below in (Path(folder, name) for name in names):
                if not below.is_symlink():
                    below.chmod(0o700)
    shutil.rmtree(path, ignore_errors=True)


def unpack(source: Path, target: Path, name: str) -> None:
    """Write what a gzip file holds; InputError when it is none."""
    try:
        with gzip.open(source) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"Data download failed: {name} is no whole gzip file: {error}") from error


def link(source: Path, target: Path) -> None:
    """Link a file, or copy it where links do not reach."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def layer(workspace: Workspace, number: int, target: str) -> Overlay:
    """Return the empty layers for one target."""
    base = workspace.path / "inputs" / str(number)
    made = Overlay(target, base / "lower", base / "upper", base / "work")
    for folder in (made.lower, made.upper, made.work):
        folder.mkdir(parents=True, exist_ok=True)
    return made


def _meets(source: Input, job: Job) -> bool:
    """Return whether a folder of uploads lies above or below an input's, or is the same."""
    mine = Path(os.path.normpath(source.path))
    others: Iterable[Path] = (Path(os.path.normpath(upload.path)) for upload in job.uploads)
    return any(mine.is_relative_to(other) or other.is_relative_to(mine) for other in others)
