"""moto's permissions of Lake Formation: a grant that was widened could not be revoked any more."""

import json
import sys
from typing import Any


def mend() -> None:
    """Let a grant's hash depend on what never changes of it, once moto's module is loaded.

    moto keeps grants in a set and changes their permissions, of which it makes their hashes.
    """
    models = sys.modules.get("moto.lakeformation.models")
    if models is not None and models.Permission.__hash__ is not hashed:
        models.Permission.__hash__ = hashed


def hashed(permission: Any) -> int:
    """Return the hash of a grant: of its principal and its resource."""
    return hash((json.dumps(permission.principal), json.dumps(permission.resource)))
