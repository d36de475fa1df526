"""A module in which some names mean something else."""

from types import ModuleType
from typing import Any


def variant(module: ModuleType, **changed: Any) -> ModuleType:
    """Return a copy of a module with changed names; the module itself stays as it is."""
    copy = ModuleType(module.__name__, module.__doc__)
    copy.__dict__.update(vars(module) | changed)
    return copy
