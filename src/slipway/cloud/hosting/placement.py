"""How many instances the copies of inference components need. Pure.

Every copy is a model server of its own on this machine; what is counted here is what the same copies
would need on instances of the endpoint's type.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """What one instance has to offer."""

    cores: float
    memory: int  # MiB


@dataclass(frozen=True)
class Need:
    """What the copies of one component need, each of them."""

    component: str
    copies: int
    cores: float
    memory: int  # MiB


class TooLarge(Exception):
    """One copy does not fit on an instance, even alone."""


def needed(needs: Iterable[Need], room: Room) -> int:
    """Return how many instances hold all copies, the largest placed first, each on the first that has room.

    Raises:
        TooLarge: The message names the component, what it needs and what an instance has.
    """
    free: list[Room] = []
    for need in sorted(needs, key=lambda need: (-need.memory, -need.cores, need.component)):
        if need.copies and (need.cores > room.cores or need.memory > room.memory):
            raise TooLarge(
                f"A copy of inference component {need.component} needs {need.cores:g} CPU cores and "
                f"{need.memory} MB of memory; an instance has {room.cores:g} and {room.memory} MB."
            )
        for _ in range(need.copies):
            place = next((n for n, left in enumerate(free) if fits(need, left)), len(free))
            if place == len(free):
                free.append(room)
            left = free[place]
            free[place] = Room(left.cores - need.cores, left.memory - need.memory)
    return len(free)


def fits(need: Need, left: Room) -> bool:
    """Tell whether one more copy has room."""
    return need.cores <= left.cores and need.memory <= left.memory
