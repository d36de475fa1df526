"""What a machine lets one job use, and how long things may take; each can be set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The limits of a job's instance."""

    grace: float = 120  # seconds between SIGTERM and SIGKILL
    memory: int = 0  # bytes that an instance may hold
    processes: int = 4096  # that an instance may have at once
    log: int = 1 << 30  # bytes of an instance's log that are kept
    cores: int = 1

    @staticmethod
    def of(environment: Mapping[str, str]) -> "Settings":
        """Read SLIPWAY_JOB_{GRACE,MEMORY,PROCESSES,LOG}; without them, what the machine has.

        Raises ValueError, which names the setting that is no number.
        """
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        affinity = getattr(os, "sched_getaffinity", None)
        return Settings(
            grace=number(environment, "GRACE", 120),
            memory=int(number(environment, "MEMORY", pages * 9 // 10)),
            processes=int(number(environment, "PROCESSES", 4096)),
            log=int(number(environment, "LOG", 1 << 30)),
            cores=len(affinity(0)) if affinity else os.cpu_count() or 1,
        )


def number(environment: Mapping[str, str], name: str, default: float) -> float:
    """Return a setting."""
    said = environment.get(f"SLIPWAY_JOB_{name}", "")
    try:
        return float(said or default)
    except ValueError as error:
        raise ValueError(f"SLIPWAY_JOB_{name}: expected a number, found {said!r}") from error
