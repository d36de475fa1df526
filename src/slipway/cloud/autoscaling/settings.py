"""How fast autoscaling is here: AWS's windows, times a factor."""

import os

from slipway.numbers import number

EXPECTED = "a number above 0 (1 is as on AWS)"


def factor() -> float:
    """Return by what AWS's windows and default cooldowns are multiplied; BadSetting for no such number."""
    return number(os.environ, "SLIPWAY_AUTOSCALING_FACTOR", 1.0, EXPECTED, lambda found: found > 0)
