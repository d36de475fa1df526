"""Do pieces of work side by side, a process per core."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def side_by_side(pieces: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a `map` that is worth it for so many pieces; results come in order.

    Each process tokenizes with one thread: the pieces already keep all cores busy.
    """
    processes = min(pieces, cores())
    if processes < 2:
        yield map
        return
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the processes inherit it
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield pool.map
