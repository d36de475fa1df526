"""The unpacked models of a multi-model container: a cache on disk, below /opt/ml/models."""

import errno
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from slipway.hosting.exchange import Refused
from slipway.hosting.model_data import TRIES, Unusable, unpack
from slipway.jobs import workspace
from slipway.jobs.storage import NoSuchBucket, ObjectStore, StoredObject, split_uri

MISSING = (
    "Failed to download model data (bucket: {bucket}, key: {key}). Please ensure that there is an "
    "object located at the URL and that the role passed to CreateModel has permissions to download "
    "the model."
)


class ModelFiles:
    """The models on disk. A model that was read once is not read again when its object changes."""

    def __init__(
        self,
        prefix: str,
        folder: Path,
        shown: str,
        store: ObjectStore,
        limit: int = 0,
        timeout: float = 3600.0,
    ) -> None:
        """Take the S3 prefix of all models and where they go.

        `shown` is `folder` as the container sees it. `limit` is how many bytes of models the disk
        may hold, 0 for half of what is free now; `timeout` in seconds is for one model.
        """
        self._prefix = prefix if prefix.endswith("/") else f"{prefix}/"
        self._folder = folder
        self._shown = shown
        self._store = store
        self._limit = limit or shutil.disk_usage(folder).free // 2
        self._timeout = timeout
        self._sizes: dict[str, int] = {}
        self._turn = (
            threading.Lock()
        )  # of what follows from sizes; models are unpacked side by side

    def check(self, target: str) -> None:
        """Refuse what is no path below the prefix."""
        parts = PurePosixPath(target).parts
        if not target or "\0" in target or target.startswith("/") or {"..", "."} & set(parts):
            raise Refused(
                f"TargetModel: expected a path below {self._prefix}, found {target!r}."
                if target
                else "The request is missing a target model header: the model serves several models."
            )

    def inside(self, name: str) -> str:
        """Return where a model lies for the container."""
        return f"{self._shown}/{name}/model"

    def has(self, name: str) -> bool:
        """Tell whether a model is on the disk."""
        return name in self._sizes

    def bring(self, name: str, target: str, make_room: Callable[[], bool]) -> None:
        """Unpack a model, if it is not there; Refused says why that cannot be.

        `make_room` removes another model from the disk; it returns False where it cannot.
        """
        if self.has(name):
            return
        with self._turn:  # so that models on their way do not fill the disk for each other
            found = self._find(target)
            again = TRIES
            while True:
                try:
                    size = self._unpack(name, target, found)
                    break
                except OSError as error:
                    if again and not found.path.exists():  # replaced meanwhile
                        again -= 1
                        found = self._find(target)
                    elif error.errno != errno.ENOSPC or not make_room():
                        full = error.errno == errno.ENOSPC
                        why = "the disk is full" if full else error.strerror
                        text = f"{self._prefix}{target} could not be unpacked: {why}."
                        raise Refused(text) from error
            while self._is_over(size):
                if not make_room() and self._is_over(size):  # else one has gone by itself
                    workspace.remove(self._folder / name)
                    raise Refused(
                        f"{self._prefix}{target} does not fit on the disk of the instance: it has "
                        f"{size} bytes, and models in use have the rest of {self._limit}."
                    )
            (self._folder / name / "model.new").rename(self._folder / name / "model")
            self._sizes[name] = size

    def _is_over(self, size: int) -> bool:
        return sum(list(self._sizes.values())) + size > self._limit

    def _unpack(self, name: str, target: str, found: StoredObject) -> int:
        """Unpack a model beside its place; return its bytes. OSError, Refused leave nothing."""
        draft = self._folder / name / "model.new"
        workspace.remove(draft)
        try:
            draft.mkdir(parents=True)
            unpack(found.path, draft, time.monotonic() + self._timeout)
            return sum(each.stat().st_size for each in draft.rglob("*") if each.is_file())
        except Unusable as error:
            workspace.remove(draft.parent)
            raise Refused(
                f'Failed to extract model data archive from URL "{self._prefix}{target}". Please '
                f"ensure that the object located at the URL is a valid tar.gz archive: {error}."
            ) from error
        except OSError:
            workspace.remove(draft.parent)
            raise

    def drop(self, name: str) -> None:
        """Remove a model from the disk."""
        self._sizes.pop(name, None)
        workspace.remove(self._folder / name)

    def _find(self, target: str) -> StoredObject:
        bucket, key = split_uri(self._prefix + target)
        try:
            found = self._store.get(bucket, key)
        except NoSuchBucket:
            found = None
        if found is None:
            raise Refused(MISSING.format(bucket=bucket, key=key))
        return found
