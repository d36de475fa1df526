"""How long environments stay warm and how events are tried again; each can be set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True)
class Settings:
    """The times of functions."""

    idle: float = 300.0  # seconds that an environment waits for its next event
    init: float = 10.0  # seconds that an environment may take to import its handler
    retry_factor: float = 1.0  # times AWS's pauses before an event is tried again

    @staticmethod
    def of(environment: Mapping[str, str]) -> "Settings":
        """Read SLIPWAY_LAMBDA_{IDLE,INIT,RETRY_FACTOR}.

        Raises ValueError, which names the setting that is no number.
        """
        found: dict[str, float] = {}
        for each in fields(Settings):
            name = f"SLIPWAY_LAMBDA_{each.name.upper()}"
            if not (said := environment.get(name, "")):
                continue
            try:
                found[each.name] = float(said)
            except ValueError as error:
                raise ValueError(f"{name}: expected a number, found {said!r}") from error
        return Settings(**found)


@cache
def settings() -> Settings:
    """Return the settings of this process; ValueError as for `Settings.of`."""
    return Settings.of(os.environ)
