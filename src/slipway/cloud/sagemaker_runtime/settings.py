"""How large requests may be and how long models may take; each can be set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from slipway.numbers import numbers


@dataclass(frozen=True)
class Settings:
    """The limits of invocations."""

    payload: float = 25_000_000  # bytes of a request; AWS's API model still says 6 MiB
    payload_serverless: float = 4_000_000  # bytes
    timeout: float = 60.0  # seconds until a model must have answered
    stream_timeout: float = 480.0  # seconds until a streamed answer must have ended
    patience: float = 20.0  # seconds that a request waits for an instance that is started again

    def most(self, variant: Mapping[str, Any]) -> int:
        """Return the bytes that a request to a variant (as in an endpoint config) may have."""
        return int(self.payload_serverless if "ServerlessConfig" in variant else self.payload)


@cache
def settings() -> Settings:
    """Return what SLIPWAY_INVOKE_{PAYLOAD,…,PATIENCE} set; BadSetting for what is no number."""
    return numbers(Settings, "SLIPWAY_INVOKE_", os.environ)
