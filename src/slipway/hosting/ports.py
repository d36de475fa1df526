"""Where a model server listens: a port of its own, in its own network or in the machine's."""

import itertools
import random
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from slipway.jobs import door

OWN = 8080  # the port of the container contract
RANGE = range(21_000, 32_000)  # below the ports that Linux gives to outgoing connections
BLOCK = 100  # ports; a server has one of RANGE and a block of these, as far below as RANGE is long
HERE = "127.0.0.1"

_taken: set[int] = set()
_lock = threading.Lock()


class Port:
    """A free port of the machine's network, kept from other servers of this process until `close`."""

    passing: tuple[int, ...] = ()  # descriptors that the supervisor inherits
    plan: dict[str, Any] | None = None  # of its door

    def __init__(self, first: int = 0) -> None:
        """Take a free port: `first` if that is free, else any; OSError where none is."""
        with _lock:
            tries = itertools.chain({first} - _taken - {0}, candidates(_taken))
            self.number = next((port for port in tries if is_free(port)), 0)
            if not self.number:
                raise OSError(f"no port of {RANGE.start} to {RANGE.stop - 1} is free")
            _taken.add(self.number)

    def connect(self, timeout: float) -> socket.socket:
        """Return a connection; OSError where nothing listens, TimeoutError."""
        return socket.create_connection((HERE, self.number), timeout=timeout)

    def started(self) -> None:
        """Do what follows the start of the supervisor."""

    def close(self) -> None:
        """Let others have it."""
        with _lock:
            _taken.discard(self.number)


class Doorway:
    """The port of the contract in a network namespace, reached through the supervisor's door."""

    number = OWN

    def __init__(self, out: int) -> None:
        """Make the channels; `out` is the machine's port that is also the namespace's, 0 for none."""
        self._lock = threading.Lock()
        self._inward, inner = socket.socketpair()
        self._inward.settimeout(10)
        self._theirs = [inner]
        self.plan: dict[str, Any] = {"inward": inner.fileno()}
        self._out = out if out != OWN else 0
        if self._out:
            self._outward, outer = socket.socketpair()
            self._theirs.append(outer)
            self.plan |= {"outward": outer.fileno(), "port": out}

    @property
    def passing(self) -> tuple[int, ...]:
        """Descriptors that the supervisor inherits."""
        return tuple(each.fileno() for each in self._theirs)

    def connect(self, timeout: float) -> socket.socket:
        """Return a connection; OSError where nothing listens, TimeoutError."""
        with self._lock:
            on_its_way = door.ask(self._inward, OWN)
        return door.connected(on_its_way, timeout)

    def started(self) -> None:
        """Do what follows the start of the supervisor: only it has its ends of the channels now."""
        for each in self._theirs:
            each.close()
        if self._out:
            work: Callable[..., None] = door.hand_over
            threading.Thread(target=work, args=(self._outward, self._out), daemon=True).start()

    def close(self) -> None:
        """Close the channels; the other one ends with the supervisor."""
        for each in self._theirs:
            each.close()
        self._inward.close()


def candidates(taken: set[int]) -> Iterator[int]:
    """Yield the ports that are not taken, in any order, those of blocks without a server first."""
    used = {port // BLOCK for port in taken}
    blocks = [block // BLOCK for block in RANGE[::BLOCK]]
    random.shuffle(blocks)
    for block in sorted(blocks, key=used.__contains__):
        start = block * BLOCK
        yield from (
            port for port in random.sample(range(start, start + BLOCK), BLOCK) if port not in taken
        )


def safe(port: int) -> str:
    """Return SAGEMAKER_SAFE_PORT_RANGE: where the server of a port may listen besides."""
    start = RANGE.start - len(RANGE) + port % len(RANGE) // BLOCK * BLOCK
    return f"{start}-{start + BLOCK - 1}"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of the machine now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HERE, port))
        except OSError:
            return False
        return True
