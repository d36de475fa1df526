"""What a metric is: namespace, name and dimensions in a region. Pure."""

from dataclasses import dataclass

Dimensions = tuple[tuple[str, str], ...]  # (name, value), sorted by name


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; its points may have several units."""

    region: str
    namespace: str
    name: str
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one metric in one unit."""

    metric: Metric
    unit: str  # "None" where nobody named one
