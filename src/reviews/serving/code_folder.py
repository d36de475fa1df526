"""Write the folder `code` of a model artifact, so that the artifact can be deployed as it is.

The training job does it, from its own source bundle: on AWS the SDK would otherwise unpack and pack the
artifact again, in a training job of its own. In `lib` are the modules that the handlers need, and the
one library that AWS's container lacks, as a deployed model may have no network.
"""

import shutil
import zipfile
from pathlib import Path

HANDLERS = "serving/inference.py"
MODULES = (
    "__init__.py",
    "serving/__init__.py",
    "serving/predictions.py",
    "serving/records.py",
    "spec.py",
    "tokenizer.py",
    "training/__init__.py",
    "training/layout.py",
)
WHEEL = "tokenizers-*.whl"


class NoWheel(Exception):
    """The source bundle lacks what the model server needs."""


def wheel(wheels: Path) -> Path:
    """Return the wheel for the model server; NoWheel where there is not exactly one to take."""
    found = list(wheels.glob(WHEEL))
    if len(found) != 1:
        raise NoWheel(f"{wheels}: expected one {WHEEL}, found {len(found)}")
    return found[0]


def write(folder: Path, package: Path, wheels: Path) -> None:
    """Fill the folder from the package `reviews` and the bundle's wheels; NoWheel as in `wheel`."""
    library = folder / "lib"
    library.mkdir(parents=True)
    shutil.copyfile(package / HANDLERS, folder / "inference.py")
    for name in MODULES:
        target = library / "reviews" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package / name, target)
    with zipfile.ZipFile(wheel(wheels)) as content:
        content.extractall(library)
