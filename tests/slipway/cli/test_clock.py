"""`slipway clock`."""

import pytest

from slipway.cli.clock import seconds, span
from slipway.cli.errors import Refused


def test_it_shows_and_moves_the_clouds_time(cloud):
    assert cloud("clock", "--json").json["ahead"] == 0
    moved = cloud("clock", "--advance", "1d12h")
    assert moved.code == 0 and "(1d12h ahead of this machine)" in moved.out
    refused = cloud("clock", "--advance", "-1h")
    assert refused.code == 1 and "expected a span like" in refused.err


def test_aws_has_no_such_clock(shell):
    refused = shell("clock")
    assert refused.code == 1 and "its clock cannot be moved" in refused.err


@pytest.mark.parametrize("text", ["90s", "30m", "1h", "2d", "1d12h30m5s"])
def test_spans_are_read_as_they_are_written(text):
    assert seconds(span(seconds(text))) == seconds(text)
    for wrong in ("", "h", "1", "1w", "1h ", "-1h"):
        with pytest.raises(Refused):
            seconds(wrong)
