"""Where the Python environment of an image family lives. Standard library only: set-up uses it too."""

import hashlib
import os
import sys
from pathlib import Path

FAMILIES = ("platform", "tensorflow", "spark", "sklearn")
MARKER = (
    ".slipway-lock"  # the last file of an environment; holds the digest of what it was made from
)


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
    return cache() / "images" / f"{family}-{digest(family)[:12]}"


def digest(family: str) -> str:
    """Return what the environment of an image family is made from: its lock, and this Python."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return hashlib.sha256(lock(family).read_bytes() + python.encode()).hexdigest()


def built(family: str) -> bool:
    """Return whether the environment of an image family is there, and whole."""
    marker = prefix(family) / MARKER
    return marker.is_file() and marker.read_text() == digest(family)
