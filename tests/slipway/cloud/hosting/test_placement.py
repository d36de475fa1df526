"""How many instances the copies of inference components need."""

import pytest

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
