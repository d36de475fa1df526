"""How long environments stay warm and how events are tried again; each can be set."""

import os
from dataclasses import dataclass
from functools import cache

from slipway.numbers import numbers


@dataclass(frozen=True)
class Settings:
    """The times of functions."""

    idle: float = 300.0  # seconds that an environment waits for its next event
    init: float = 10.0  # seconds that an environment may take to import its handler
    retry_factor: float = 1.0  # times AWS's pauses before an event is tried again


@cache
def settings() -> Settings:
    """Return what SLIPWAY_LAMBDA_{IDLE,INIT,RETRY_FACTOR} set; BadSetting for what is no number."""
    return numbers(Settings, "SLIPWAY_LAMBDA_", os.environ)
