"""What a run of a step must equal to take the result of an earlier one. Pure.

For the types whose keys are not documented: docs/decisions/0203-cache.md.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from slipway.definition.cache_keys import CACHE_KEYS, member

# Types whose keys are not documented: all arguments are compared, and what they are sent to.
WHOLE = frozenset({"Lambda", "Callback", "EndpointConfig", "Endpoint", "Job"})
CACHED = frozenset(CACHE_KEYS) | WHOLE


def cache_key(
    step_type: str, arguments: Mapping[str, Any], extras: Mapping[str, Any]
) -> str | None:
    """Return a digest of what counts in resolved arguments; None for a type that is never cached."""
    if step_type in WHOLE:
        target = [extras.get("FunctionArn"), extras.get("SqsQueueUrl")]
        return digest([target, arguments])
    if step_type not in CACHE_KEYS:
        return None
    return digest({path: member(arguments, path) for path in CACHE_KEYS[step_type]})


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, whatever the order of its members."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
