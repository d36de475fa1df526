"""An answer and who gave it. Pure."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.traffic import Variant

Said = TypeVar("Said")


@dataclass(frozen=True)
class Answered(Generic[Said]):
    """An answer and who gave it."""

    variant: Variant[Fleet]
    fleet: Fleet
    reply: Said
    setup: float = 0.0  # seconds that the request waited for its instance to start
    component: str = ""  # the inference component whose copies the fleet is, of an endpoint of such
