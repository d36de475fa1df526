"""Whether and when a failed attempt is repeated. Pure.

Source: developer guide, "Retry Policy for Pipeline Steps".
"""

from collections.abc import Sequence

from slipway.definition.model import RetryPolicy

SERVICE_FAULT = "Step.SERVICE_FAULT"
THROTTLING = "Step.THROTTLING"
RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"
CAPACITY_ERROR = "SageMaker.CAPACITY_ERROR"
JOB_INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"

# Faults of the service are repeated even where the definition says nothing.
DEFAULT = RetryPolicy((SERVICE_FAULT, THROTTLING))
RETRIED = frozenset(
    {
        "Processing",
        "Training",
        "Tuning",
        "AutoML",
        "Model",
        "RegisterModel",
        "Transform",
        "EndpointConfig",
        "Job",
    }
)
NEVER = {("Tuning", JOB_INTERNAL_ERROR), ("AutoML", JOB_INTERNAL_ERROR)}


def retry_at(
    policies: Sequence[RetryPolicy],
    step_type: str,
    fault: str | None,
    earlier: Sequence[str],
    *,
    started: float,
    now: float,
) -> float | None:
    """Return when to try again after `fault`; None when the failure is final.

    `earlier` are the faults of the step's attempts before this one, `started` and `now` seconds
    since the epoch. Each policy counts its own retries; the first that names a fault applies.
    Wait before retry n: interval x backoff rate ** (n - 1).
    """
    policy = next((p for p in policies or (DEFAULT,) if fault in p.exception_types), None)
    if policy is None or step_type not in RETRIED or (step_type, fault) in NEVER:
        return None
    done = sum(previous in policy.exception_types for previous in earlier)
    if policy.max_attempts is not None and done >= policy.max_attempts:
        return None
    try:
        at = now + policy.interval_seconds * policy.backoff_rate**done
    except OverflowError:
        return None  # later than any expiry
    if policy.expire_after_minutes is not None and at > started + policy.expire_after_minutes * 60:
        return None
    return at
