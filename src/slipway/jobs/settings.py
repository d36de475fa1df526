"""What a machine lets one job use, and how long things may take; each can be set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from slipway.numbers import number, whole


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
            grace=number(environment, "SLIPWAY_JOB_GRACE", 120),
            memory=whole(environment, "SLIPWAY_JOB_MEMORY", pages * 9 // 10),
            processes=whole(environment, "SLIPWAY_JOB_PROCESSES", 4096),
            log=whole(environment, "SLIPWAY_JOB_LOG", 1 << 30),
            cores=len(affinity(0)) if affinity else os.cpu_count() or 1,
        )
