"""A pipeline definition as plain data: what the JSON says, nothing resolved.

JSON values keep their references (see `references`) and are to be read only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from slipway.definition.durations import Duration

Json = Any
Primitive = str | int | float | bool


class ParameterType(StrEnum):
    """What a parameter's value is."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    BOOLEAN = "Boolean"


@dataclass(frozen=True)
class Parameter:
    """A parameter; `default` None means that a value must be given at start."""

    name: str
    type: ParameterType = ParameterType.STRING
    default: Primitive | None = None
    enum_values: tuple[str, ...] = ()
    description: str | None = None


class Trigger(StrEnum):
    """The upstream outcome that lets a dependent step run (a run condition)."""

    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"
    ANY = "Any"


@dataclass(frozen=True)
class Dependency:
    """One entry of `DependsOn`."""

    step: str
    trigger: Trigger = Trigger.COMPLETED


@dataclass(frozen=True)
class CacheConfig:
    """Whether and for how long a step's result may be reused; no `expire_after`: for ever."""

    enabled: bool
    expire_after: Duration | None = None


@dataclass(frozen=True)
class RetryPolicy:
    """What to do when a step fails with one of the exception types.

    Exactly one of `max_attempts` (count) and `expire_after_minutes` is set; 0 means never retry.
    The wait before retry n is `interval_seconds * backoff_rate ** (n - 1)`.
    """

    exception_types: tuple[str, ...]
    interval_seconds: int = 1
    backoff_rate: float = 2.0
    max_attempts: int | None = 5
    expire_after_minutes: int | None = None


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file in a Processing output that `Std:JsonGet` can read."""

    name: str
    output_name: str
    path: str


@dataclass(frozen=True)
class OutputParameter:
    """An output that a Lambda or Callback step declares."""

    name: str
    type: ParameterType


class Operator(StrEnum):
    """The comparisons of two values."""

    EQUALS = "Equals"
    GREATER_THAN = "GreaterThan"
    GREATER_THAN_OR_EQUAL_TO = "GreaterThanOrEqualTo"
    LESS_THAN = "LessThan"
    LESS_THAN_OR_EQUAL_TO = "LessThanOrEqualTo"


@dataclass(frozen=True)
class Comparison:
    """`left operator right`."""

    operator: Operator
    left: Json
    right: Json


@dataclass(frozen=True)
class Membership:
    """`query` is one of `values`."""

    query: Json
    values: tuple[Json, ...]


@dataclass(frozen=True)
class Negation:
    """The condition does not hold."""

    condition: "Condition"


@dataclass(frozen=True)
class Disjunction:
    """At least one condition holds."""

    conditions: tuple["Condition", ...]


Condition = Comparison | Membership | Negation | Disjunction


@dataclass(frozen=True)
class Step:
    """One step. A condition's branches and a ForEach's body are steps of their own, not arguments.

    `extras` holds the type's own keys beside Arguments, raw: `FunctionArn` of a Lambda step,
    `CheckType`, `SkipCheck`, … of a QualityCheck step.
    """

    name: str
    type: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    depends_on: tuple[Dependency, ...] = ()
    display_name: str | None = None
    description: str | None = None
    cache: CacheConfig | None = None
    retry_policies: tuple[RetryPolicy, ...] = ()
    property_files: tuple[PropertyFile, ...] = ()
    output_parameters: tuple[OutputParameter, ...] = ()
    extras: Mapping[str, Json] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()  # Condition steps; all must hold
    if_steps: tuple["Step", ...] = ()
    else_steps: tuple["Step", ...] = ()
    body: tuple["Step", ...] = ()  # ForEach steps
    raw: Mapping[str, Json] = field(default_factory=dict, repr=False)

    def walk(self) -> Iterator["Step"]:
        """Yield this step, then the steps inside it, depth first."""
        yield self
        for inner in (*self.if_steps, *self.else_steps, *self.body):
            yield from inner.walk()


@dataclass(frozen=True)
class ExperimentConfig:
    """The experiment and trial (names or references) that the jobs of an execution belong to."""

    experiment_name: Json = None
    trial_name: Json = None


@dataclass(frozen=True)
class Definition:
    """A whole definition; `steps` are the top-level ones in the order written."""

    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...] = ()
    version: str = "2020-12-01"
    metadata: Mapping[str, str] = field(default_factory=dict)
    experiment: ExperimentConfig | None = None
    mlflow: Mapping[str, Json] | None = None
    raw: Mapping[str, Json] = field(default_factory=dict, repr=False)

    def walk(self) -> Iterator[Step]:
        """Yield every step, those of branches and bodies included, depth first."""
        for step in self.steps:
            yield from step.walk()
