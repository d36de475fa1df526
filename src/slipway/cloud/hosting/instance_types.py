"""What an instance of a type has, by its name: EC2's families have a fixed ratio of memory to cores. Pure."""

import os
import re

from slipway.cloud.hosting.placement import Room

# GiB of memory per core, by the first pattern that the family's name matches
RATIOS = (
    (r"c4", 1.875),
    (r"c5n", 2.625),
    (r"c\d.*|inf1", 2.0),
    (r"p2", 15.25),
    (r"p3", 7.625),
    (r"p4de?", 12.0),
    (r"p5\w*|p6-b200|trn2", 2048 / 192),
    (r"r\d.*|g[67]e|p3dn", 8.0),
    (r"[mtg]\d.*|inf2|trn1n?", 4.0),
)
SIZE = re.compile(r"ml\.(?P<family>[\w-]+)\.(?P<size>medium|large|(?P<times>\d*)xlarge)")


def room(instance_type: str) -> Room:
    """Return what an instance of a type ("ml.m5.large") has; of an unknown one, what this machine has."""
    found = SIZE.fullmatch(instance_type)
    if found is None:
        return machine()
    for pattern, ratio in RATIOS:
        if re.fullmatch(pattern, found["family"]):
            cores = cores_of(found["family"], found["size"], found["times"])
            # A burstable instance of this size has a second core, but no more memory for it.
            half = 0.5 if found["size"] == "medium" and cores == 2 else 1.0
            return Room(float(cores), int(cores * ratio * half * 1024))
    return machine()


def cores_of(family: str, size: str, times: str | None) -> int:
    """Return the cores of a size: 2 of large, 4 of xlarge, 4 times the number before it."""
    if size == "medium":
        return 2 if family.startswith("t") else 1
    return 4 * int(times or 1) if size.endswith("xlarge") else 2


def machine() -> Room:
    """Return what this machine has."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return Room(float(os.cpu_count() or 1), memory)
