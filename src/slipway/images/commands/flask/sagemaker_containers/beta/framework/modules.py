"""The user's module."""

import importlib
import sys
from types import ModuleType


def import_module(uri: str, name: str = "default_user_module_name") -> ModuleType:
    """Import a module of a folder; the server has brought the folder and what it requires."""
    if uri not in sys.path:
        sys.path.insert(0, uri)
    return importlib.import_module(name)
