"""The names that the pipeline service gives. Pure but for the dice.

Forms: see docs/decisions/0204-names.md.
"""

import secrets
import string

from slipway.engine.state import StepRun

LOWER = string.ascii_lowercase + string.digits
MIXED = string.ascii_letters + string.digits


def new_execution_id() -> str:
    """Return 12 lower-case letters and digits."""
    return "".join(secrets.choice(LOWER) for _ in range(12))


def new_token() -> str:
    """Return the 10 letters and digits that tell one attempt at a step from every other."""
    return "".join(secrets.choice(MIXED) for _ in range(10))


def job_name(execution_id: str, step: StepRun, *, prefix: str | None, longest: int) -> str:
    """Return the name of what an attempt makes, at most `longest` characters.

    `prefix` is the name in the step's arguments: there it is a prefix, by default it is absent.
    A first attempt carries no failure count.
    """
    count = f"-{step.attempt - 1}" if step.attempt > 1 else ""
    if prefix:
        tail = f"{execution_id}-{step.token}{count}"
        return f"{prefix[: longest - len(tail) - 1]}-{tail}"
    name = f"pipelines-{execution_id}-{step.name[:20]}-{step.token}{count}"
    if len(name) <= longest:
        return name.replace("_", "-")
    return f"{execution_id}-{step.token}{count}"  # tuning and AutoML jobs: at most 32 characters
