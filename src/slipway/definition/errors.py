"""The faults of a definition and of the values given to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

PARSE = "Unable to parse pipeline definition. "


@dataclass(frozen=True)
class Fault:
    """One thing that SageMaker would refuse."""

    message: str  # AWS's wording where it is known, without the prefix
    step: str | None = None
    where: str = ""  # path of the faulty value, e.g. `Arguments.InputDataConfig[0]`
    prefix: str = PARSE  # AWS opens most, not all, refusals with it

    def __str__(self) -> str:
        place = [f"step '{self.step}'"] if self.step else []
        place += [self.where] if self.where else []
        return f"{self.message} ({', '.join(place)})" if place else self.message


class DefinitionError(ValueError):
    """A definition that SageMaker would refuse, with every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults[0].prefix + "; ".join(str(fault) for fault in self.faults))


class ExpressionError(ValueError):
    """An expression or path that is not well formed."""


class ResolveError(ValueError):
    """A reference, expression or condition that has no value in this execution."""


class ParameterError(ValueError):
    """Start values that do not fit the parameters a definition declares."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest known name, or the known names if there are few."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{near[0]}'?"
    return f" Known: {', '.join(names)}." if 0 < len(names) <= 12 else ""
