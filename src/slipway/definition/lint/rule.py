"""What a lint rule is, what it looks at and what it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from slipway.definition.errors import PARSE, DefinitionError, Fault
from slipway.definition.graph import Edge, Graph, all_edges, build_graph
from slipway.definition.kinds import Kinds, OperationModel
from slipway.definition.model import Definition, Json, Step
from slipway.definition.references import Expression, expressions


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # SageMaker refuses the definition, or the step fails when it runs
    WARNING = "warning"  # it runs, but hardly as meant


@dataclass(frozen=True)
class Problem:
    """What one rule found in one place, and what to do about it."""

    message: str
    fix: str
    step: str | None = None
    where: str = ""
    prefix: str = PARSE


@dataclass(frozen=True)
class Finding:
    """A problem with the rule that found it; `refused`: CreatePipeline refuses it."""

    rule: str
    severity: Severity
    refused: bool
    message: str
    fix: str
    step: str | None = None
    where: str = ""
    prefix: str = PARSE

    @property
    def fault(self) -> Fault:
        """The finding as a refusal."""
        return Fault(self.message, self.step, self.where, self.prefix)


class Subject:
    """A parsed definition with what the rules ask of it, each worked out once."""

    def __init__(self, definition: Definition, operation_model: OperationModel) -> None:
        self.definition = definition
        self.operation_model = operation_model
        self.steps: tuple[Step, ...] = tuple(definition.walk())
        self.by_name: Mapping[str, Step] = {step.name: step for step in self.steps}
        self.kinds = Kinds(definition, operation_model)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge, also those from steps that do not exist."""
        return tuple(all_edges(self.definition.steps))

    @cached_property
    def graph(self) -> Graph | None:
        """The graph, None when the definition has none (a cycle, an unknown step)."""
        try:
            return build_graph(self.definition)
        except DefinitionError:
            return None

    @cached_property
    def expressions(self) -> tuple[tuple[Step, str, Expression], ...]:
        """The expressions in the steps' own values: the step, the place in it, the expression."""
        return tuple(
            (step, *found)
            for step in self.steps
            for value, where in ((step.arguments, "Arguments"), (step.extras, ""))
            for found in expressions(value, where)
        )

    @cached_property
    def outside_steps(self) -> tuple[tuple[str, Expression], ...]:
        """The expressions in the experiment and MLflow configurations, with their places."""
        keys = ("PipelineExperimentConfig", "MlflowConfig")
        raw = self.definition.raw
        return tuple(found for key in keys for found in expressions(raw.get(key), key))

    def output(self, step: Step, name: str) -> Mapping[str, Json] | None:
        """Return the output of that name of a Processing step, None when it has none."""
        config = step.arguments.get("ProcessingOutputConfig")
        outputs = config.get("Outputs") if isinstance(config, Mapping) else None
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, Mapping) and output.get("OutputName") == name:
                return output
        return None


@dataclass(frozen=True)
class Rule:
    """A small function that looks for one kind of problem."""

    name: str
    severity: Severity
    look: Callable[[Subject], Iterable[Problem]]
    refused: bool = False  # by CreatePipeline

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Yield what the rule finds."""
        for problem in self.look(subject):
            yield Finding(self.name, self.severity, self.refused, **vars(problem))
