"""A model's artifacts on disk: one unpacked copy of each version, for all instances that serve it."""

import contextlib
import errno
import gzip
import hashlib
import shutil
import tarfile
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from slipway.hosting.container import ModelData
from slipway.jobs import inputs, workspace
from slipway.jobs.job import Input
from slipway.jobs.storage import NoSuchBucket, ObjectStore, StoredObject, split_uri

MISSING = (
    'Failed to download model data for container "{name}" from URL: "{uri}". Please ensure that there '
    "is an object located at the URL and that the role passed to CreateModel has permissions to "
    "download the model."
)
BROKEN = (
    'Failed to extract model data archive for container "{name}" from URL "{uri}". Please ensure that '
    "the object located at the URL is a valid tar.gz archive"
)

LATE = "it took longer than ModelDataDownloadTimeoutInSeconds"
BLOCK = 1 << 20
TRIES = 5  # to read objects that are replaced meanwhile


class Replaced(Exception):
    """An object was replaced or removed while it was to be read."""


class Unusable(Exception):
    """Artifacts that no container can be given; the message is for a FailureReason."""


class Copies:
    """The unpacked artifacts below one folder, each as long as somebody holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._holders: dict[Path, int] = {}
        self._locks: dict[Path, threading.Lock] = {}
        self._lock = threading.Lock()
        workspace.remove(folder)  # what a killed process left

    @contextlib.contextmanager
    def held(
        self, name: str, data: ModelData, store: ObjectStore, timeout: float
    ) -> Iterator[Path]:
        """Yield the folder with a container's artifacts, which nobody may change; Unusable."""
        deadline = time.monotonic() + timeout
        for left in reversed(range(TRIES)):
            found = objects(name, data, store)
            path = self._folder / version(data, found)
            try:
                with self._lock:
                    self._holders[path] = self._holders.get(path, 0) + 1
                    turn = self._locks.setdefault(path, threading.Lock())
                with turn:
                    if not path.exists():
                        _make(path, name, data, found, deadline)
                break
            except Replaced as error:  # of a new version there is another copy
                self._let_go(path)
                if not left:
                    raise Unusable(f"{data.uri} was replaced while it was read.") from error
            except BaseException:
                self._let_go(path)
                raise
        try:
            yield path
        finally:
            self._let_go(path)

    def _let_go(self, path: Path) -> None:
        """Hold a copy no longer; the last one to do so removes it."""
        with self._lock:
            self._holders[path] -= 1
            if self._holders[path]:
                return
            del self._holders[path], self._locks[path]
            gone = _aside(path)
        workspace.remove(gone)
        with self._lock, contextlib.suppress(OSError):  # it may have other things in it
            if not self._holders:
                self._folder.rmdir()


_copies: dict[Path, Copies] = {}
_lock = threading.Lock()


def copies(folder: Path) -> Copies:
    """Return the copies below a folder; the first call of a process clears it."""
    with _lock:
        if folder not in _copies:
            _copies[folder] = Copies(folder)
        return _copies[folder]


def version(data: ModelData, found: list[tuple[str, StoredObject]]) -> str:
    """Return a name for artifacts that changes with every object of theirs."""
    versions = "\n".join(f"{path}\0{each.etag}\0{each.path}" for path, each in found)
    return hashlib.sha256(f"{data}\n{versions}".encode()).hexdigest()[:24]


def objects(name: str, data: ModelData, store: ObjectStore) -> list[tuple[str, StoredObject]]:
    """Return (path, object) of all that is to be brought; Unusable."""
    missing = Unusable(MISSING.format(name=name, uri=data.uri))
    if data.prefix:
        try:
            below = inputs.objects(store, Input(name, data.uri, ""))
        except inputs.InputError as error:
            raise Unusable(f"{missing} {error}") from error
        if data.packed and len(below) > 1:
            raise Unusable(f"{missing} CompressionType Gzip needs one object, found {len(below)}.")
        return below
    try:
        found = store.get(*split_uri(data.uri))
    except NoSuchBucket as error:
        raise Unusable(f"{missing} There is no bucket {str(error)!r}.") from error
    except ValueError as error:
        raise Unusable(f"{missing} {error}") from error
    if found is None:
        raise missing
    return [(found.key.rpartition("/")[2], found)]


def unpack(archive: Path, target: Path, deadline: float) -> None:
    """Unpack a tar.gz that holds folders and plain files and nothing else; Unusable says why not.

    Without links a name alone says where a file goes, so this needs no filter of tarfile's, which the
    first releases of Python 3.11 do not have.
    """
    name = ""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                name = member.name
                path = target / _safe(member)
                if member.isdir():
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                with path.open("wb") as file:
                    while content and (block := content.read(BLOCK)):
                        file.write(block)
                        if time.monotonic() > deadline:
                            raise Unusable(LATE)
                path.chmod(0o755 if member.mode & 0o100 else 0o644)
            while tar.fileobj and tar.fileobj.read(BLOCK):  # to the checksum at its very end
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unusable(str(error)) from error
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise Unusable(f"{name!r} is there twice, as a file and as a folder") from error


def _safe(member: tarfile.TarInfo) -> str:
    """Return the name of a member that may be unpacked; Unusable."""
    if member.issym() or member.islnk():
        raise Unusable(f"{member.name!r} is a link, which model data may not hold")
    if not (member.isfile() or member.isdir()):
        raise Unusable(f"{member.name!r} is neither a file nor a folder")
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or "\0" in member.name:
        raise Unusable(f"{member.name!r} is no safe path of a file")
    return member.name


def _make(
    path: Path, name: str, data: ModelData, found: list[tuple[str, StoredObject]], deadline: float
) -> None:
    """Bring artifacts to a folder that is there whole or not at all; Unusable, Replaced."""
    draft = path.with_name(f"{path.name}.new")
    workspace.remove(draft)
    try:
        draft.mkdir(parents=True)
        if data.packed:
            unpack(found[0][1].path, draft, deadline)
        else:
            for relative, each in found:
                target = draft / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                if time.monotonic() > deadline:
                    raise Unusable(LATE)
                shutil.copyfile(each.path, target)
        draft.rename(path)
    except Unusable as error:
        text = BROKEN if data.packed else MISSING
        raise Unusable(f"{text.format(name=name, uri=data.uri).rstrip('.')}: {error}.") from error
    except OSError as error:
        if not all(each.path.exists() for _, each in found):
            raise Replaced from error
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise Unusable(f"Slipway could not unpack {data.uri}: {why}.") from error
    finally:
        workspace.remove(draft)


def _aside(path: Path) -> Path:
    """Rename a copy, so that the next holder makes its own while this one is removed."""
    gone = path.with_name(f"{path.name}.{time.monotonic_ns()}.old")
    with contextlib.suppress(FileNotFoundError):
        path.rename(gone)
    return gone
