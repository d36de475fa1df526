"""How fast autoscaling is here: AWS's windows, times a factor."""

import math
import os

VARIABLE = "SLIPWAY_AUTOSCALING_FACTOR"


def factor() -> float:
    """Return the factor by which windows and default cooldowns are shorter than AWS's; 1 is AWS.

    Raises:
        ValueError: The environment's value is no positive number.
    """
    text = os.environ.get(VARIABLE, "1")
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not (math.isfinite(found) and found > 0):
        raise ValueError(f"expected a number above 0 in {VARIABLE}, found {text!r}; 1 is as on AWS")
    return found
