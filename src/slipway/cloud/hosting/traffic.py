"""Who answers a request to an endpoint: a variant by weight, a fleet by its share. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Fleet = TypeVar("Fleet")


@dataclass(frozen=True)
class Share(Generic[Fleet]):
    """A fleet and its part of a variant's traffic; two of them during a release."""

    fleet: Fleet
    part: float  # from 0 to 1; the parts of a variant add up to 1


@dataclass(frozen=True)
class Variant(Generic[Fleet]):
    """One variant of an endpoint as it takes traffic now."""

    name: str
    weight: float
    shares: tuple[Share[Fleet], ...]
    settings: Mapping[str, Any]  # the variant as CreateEndpointConfig has it


@dataclass(frozen=True)
class Routing(Generic[Fleet]):
    """All that takes an endpoint's traffic at one moment; replaced whole, never changed."""

    variants: tuple[Variant[Fleet], ...]
    shadow: Variant[Fleet] | None = None


def choose_variant(routing: Routing[Fleet], chance: float) -> Variant[Fleet]:
    """Return the variant for a chance in [0, 1): each by its weight of the sum of weights.

    Where all weights are 0, every variant is as likely.
    """
    weights = [variant.weight for variant in routing.variants]
    if not sum(weights):
        weights = [1.0] * len(weights)
    return routing.variants[_pick(weights, chance)]


def choose_fleet(variant: Variant[Fleet], chance: float) -> Fleet:
    """Return the fleet for a chance in [0, 1), by the fleets' parts."""
    return variant.shares[_pick([share.part for share in variant.shares], chance)].fleet


def _pick(weights: list[float], chance: float) -> int:
    """Return the index whose part of the weights' sum holds the chance."""
    left = chance * sum(weights)
    for index, weight in enumerate(weights):
        if left < weight:
            return index
        left -= weight
    return max(index for index, weight in enumerate(weights) if weight > 0)
