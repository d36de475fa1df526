"""The kind of step for each type in a definition."""

from collections.abc import Callable, Mapping

from slipway.engine.errors import Refused
from slipway.engine.steps.callbacks import CALLBACK
from slipway.engine.steps.flow import CONDITION, FAIL
from slipway.engine.steps.kind import Kind
from slipway.engine.steps.lambdas import LAMBDA
from slipway.engine.steps.packages import REGISTER_MODEL
from slipway.engine.steps.resources import JOBS, kind_of

# Tells whether an operation of SageMaker is really performed, and not just recorded
Performs = Callable[[str], bool]

OWN: Mapping[str, Kind] = {
    "Condition": CONDITION,
    "Fail": FAIL,
    "Lambda": LAMBDA,
    "Callback": CALLBACK,
    "RegisterModel": REGISTER_MODEL,
}
KINDS: Mapping[str, Kind] = {
    **OWN,
    **{step_type: kind_of(resource) for step_type, resource in JOBS.items()},
}
SLOW = frozenset(name for name, each in KINDS.items() if each.slow)  # wait for a user's code


def kind(step_type: str, performs: Performs) -> Kind:
    """Return what steps of a type do; Refused for a type that cannot be run."""
    known = [*OWN, *(name for name, resource in JOBS.items() if performs(resource.create))]
    if step_type not in known:
        raise Refused(
            f"ClientError: steps of type {step_type} do not run in Slipway. It runs "
            f"{', '.join(sorted(known))}. Leave the step out by selective execution, or run the "
            "pipeline on AWS",
            None,
        )
    return KINDS[step_type]
