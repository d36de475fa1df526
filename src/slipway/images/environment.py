"""Where the Python environment of an image family lives. Standard library only: set-up uses it too."""

import hashlib
import os
import sys
from pathlib import Path

FAMILIES = ("platform", "tensorflow", "spark", "sklearn")


def cache() -> Path:
    """Return the folder that holds everything set-up fetched: `SLIPWAY_CACHE`, else the user's cache."""
    if named := os.environ.get("SLIPWAY_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "slipway"


def lock(family: str) -> Path:
    """Return the hashed requirements file of an image family."""
    return Path(__file__).parent / family / "requirements.txt"


def prefix(family: str) -> Path:
    """Return the environment of an image family; the name follows the lock's content and the Python."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(lock(family).read_bytes() + python.encode()).hexdigest()[:12]
    return cache() / "images" / f"{family}-{digest}"
