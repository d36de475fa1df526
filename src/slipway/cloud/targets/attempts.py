"""How often and how long a target is tried. Pure but for the clock."""

from collections.abc import Mapping

from slipway.cloud.clock import now
from slipway.cloud.outbox import Parcel, retry_after

ATTEMPTS, AGE = 185, 86400  # where a target has no RetryPolicy


def exhausted_by(policy: Mapping[str, int], parcel: Parcel) -> str:
    """Return what ends the attempts after this one; "" where there may be another."""
    if parcel.attempts >= policy.get("MaximumRetryAttempts", ATTEMPTS):
        return "MaximumRetryAttempts"
    age = now() + retry_after(parcel.attempts) - parcel.written
    return "MaximumEventAgeInSeconds" if age > policy.get("MaximumEventAgeInSeconds", AGE) else ""
