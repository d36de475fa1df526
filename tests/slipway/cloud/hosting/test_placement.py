"""How many instances the copies of inference components need."""

import pytest

from slipway.cloud.hosting.instance_types import machine, room
from slipway.cloud.hosting.placement import Need, Room, TooLarge, needed

ROOM = Room(2.0, 8192)


@pytest.mark.parametrize(
    ("needs", "instances"),
    [
        ([], 0),
        ([Need("a", 0, 1.0, 128)], 0),
        ([Need("a", 2, 1.0, 1024)], 1),
        ([Need("a", 3, 1.0, 1024)], 2),  # the cores are the limit
        ([Need("a", 3, 0.0, 4096)], 2),  # the memory is
        ([Need("small", 2, 0.5, 1024), Need("large", 1, 1.0, 6144)], 1),
        ([Need("a", 2, 0.5, 3000), Need("b", 2, 0.5, 5000)], 2),  # each with one of the other
    ],
)
def test_copies_share_instances_as_long_as_there_is_room(needs, instances):
    assert needed(needs, ROOM) == instances


def test_a_copy_that_fits_nowhere_is_named():
    with pytest.raises(
        TooLarge, match=r"component a needs 1 CPU cores and 9000 MB .* 2 and 8192 MB"
    ):
        needed([Need("a", 1, 1.0, 9000)], ROOM)
    assert needed([Need("a", 0, 1.0, 9000)], ROOM) == 0


@pytest.mark.parametrize(
    ("instance_type", "cores", "gigabytes"),
    [
        ("ml.t2.medium", 2, 4),
        ("ml.m8g.medium", 1, 4),
        ("ml.m5.large", 2, 8),
        ("ml.c5.18xlarge", 72, 144),
        ("ml.r5.4xlarge", 16, 128),
        ("ml.g5.2xlarge", 8, 32),
        ("ml.inf2.xlarge", 4, 16),
        ("ml.p4d.24xlarge", 96, 1152),
    ],
)
def test_an_instance_has_what_ec2s_has(instance_type, cores, gigabytes):
    assert room(instance_type) == Room(cores, gigabytes * 1024)


def test_of_a_type_that_is_not_known_this_machine_is_taken():
    assert room("ml.dl1.24xlarge") == room("ml.p6e-gb200.36xlarge") == machine()
