"""Unpack the model artifact of a training job."""

import tarfile
from pathlib import Path


class NoModel(Exception):
    """There is no model artifact where one was expected."""


def unpack(folder: Path, target: Path) -> Path:
    """Unpack `model.tar.gz` of a folder and return where it lies; NoModel if there is none."""
    packed = folder / "model.tar.gz"
    if not packed.is_file():
        raise NoModel(f"{folder}: expected model.tar.gz, found none")
    with tarfile.open(packed) as content:
        content.extractall(target, filter="data")
    return target
