"""Which S3 objects an instance finds as which files. Pure, given what S3 holds."""

import json
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from slipway.jobs.job import Input
from slipway.jobs.storage import AccessDenied, NoSuchBucket, ObjectStore, StoredObject, split_uri


class InputError(Exception):
    """An input that cannot be given to the job; the message is for its FailureReason."""


def relative(prefix: str, key: str) -> str:
    """Return the path of an object below the input's folder; "" for a folder's marker.

    The object that the URI names itself has its own name; below a folder the folder is cut off;
    where the URI ends in the middle of a name, the name stays whole.
    """
    if key.endswith("/"):
        return ""
    if key == prefix:
        return key.rpartition("/")[2]
    if not prefix or prefix.endswith("/"):
        return key[len(prefix) :]
    if key.startswith(prefix + "/"):
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def share(objects: Sequence[StoredObject], index: int, instances: int) -> Sequence[StoredObject]:
    """Return the objects of one instance, when each gets about the same number (ShardedByS3Key)."""
    return objects[index::instances]


def objects(store: ObjectStore, source: Input) -> list[tuple[str, StoredObject]]:
    """Return (path below the input's folder, object) of all that an input names.

    Raises InputError when there is nothing, or where a key cannot be a file's path.
    """
    found = named(store, source)
    paths = {path for path, _ in found}
    for path in paths:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or "\0" in path or str(parts) != path:
            raise InputError(f"Data download failed: the key {path!r} is no safe path of a file.")
        if not paths.isdisjoint(str(parent) for parent in parts.parents):
            raise InputError(f"Data download failed: {path!r} lies below another file.")
    return found


def named(store: ObjectStore, source: Input) -> list[tuple[str, StoredObject]]:
    """Return (path below the input's prefix, object) of all that an input names, whatever the paths.

    Raises InputError when there is nothing.
    """
    try:
        found = list(_manifest(store, source) if source.manifest else _prefix(store, source.uri))
    except AccessDenied as error:
        raise InputError(f"Data download failed:{error}") from error
    except (NoSuchBucket, ValueError) as error:
        raise InputError(nothing(source.uri)) from error
    if not found and source.required:
        raise InputError(nothing(source.uri))
    return found


def nothing(uri: str) -> str:
    """Return AWS's sentence about an input that has no objects."""
    bucket = uri.partition("://")[2].partition("/")[0]
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region, that objects exist under that S3 prefix, and "
        f'that the role has "s3:ListBucket" permissions on bucket "{bucket}".'
    )


def _prefix(store: ObjectStore, uri: str) -> Iterable[tuple[str, StoredObject]]:
    bucket, prefix = split_uri(uri)
    for found in store.list(bucket, prefix):
        if path := relative(prefix, found.key):
            yield path, found


def _manifest(store: ObjectStore, source: Input) -> Iterable[tuple[str, StoredObject]]:
    """Yield the objects of a manifest: `[{"prefix": "s3://b/p/"}, "a", "b", …]`."""
    manifest = store.get(*split_uri(source.uri))
    if manifest is None:
        raise InputError(nothing(source.uri))
    try:
        head, *names = json.loads(manifest.path.read_text())
        bucket, prefix = split_uri(head["prefix"])
        keys = [prefix + name for name in names]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f'The manifest "{source.uri}" is not of the form [{{"prefix": "s3://…"}}, "key", …].'
        ) from error
    for name, key in zip(names, keys, strict=True):
        found = store.get(bucket, key)
        if found is None:
            raise InputError(nothing(f"s3://{bucket}/{key}"))
        yield name, found
