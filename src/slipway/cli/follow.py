"""Follow an execution while it runs: a live table on a terminal, a line for each change elsewhere."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from slipway.cli import steps
from slipway.cli.aws import client
from slipway.cli.logs import last_line
from slipway.cli.output import STYLES, console, duration, note
from slipway.cli.references import Execution

FIRST_POLL, LAST_POLL = 0.1, 2.0  # seconds; it slows down while nothing changes


class View(Protocol):
    """Shows what has changed."""

    def update(self, found: list[dict[str, Any]]) -> None:
        """Show the steps as they are now."""


def follow(api: Any, execution: Execution) -> str:
    """Show progress on stderr until the execution has ended; return its status."""
    pause, before = FIRST_POLL, None
    with view(expected(api, execution)) as shown:
        while True:
            described = api.describe_pipeline_execution(PipelineExecutionArn=execution.arn)
            found = steps.of(api, execution.arn)
            shown.update(found)
            status: str = described["PipelineExecutionStatus"]
            if status in steps.ENDED:
                return status
            now = [(step["StepName"], step["StepStatus"]) for step in found]
            pause = FIRST_POLL if now != before else min(pause * 1.5, LAST_POLL)
            before = now
            time.sleep(pause)


def expected(api: Any, execution: Execution) -> list[str]:
    """Return the names of all steps that the execution's definition has, in its order."""
    answer = api.describe_pipeline_definition_for_execution(PipelineExecutionArn=execution.arn)
    return [step["Name"] for step in steps.defined(json.loads(answer["PipelineDefinition"]))]


@contextmanager
def view(names: list[str]) -> Iterator[View]:
    """Open the view that fits where stderr goes."""
    terminal = console(stderr=True)
    if not terminal.is_terminal:
        yield Lines()
        return
    from rich.live import Live

    table = Table(names)
    with Live(get_renderable=table.draw, console=terminal, refresh_per_second=8, transient=True):
        yield table


class Lines:
    """One line for each change of a step."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seen: set[tuple[str, str, int]] = set()

    def update(self, found: list[dict[str, Any]]) -> None:
        """Print the changes since the last call."""
        for step in found:
            change = (step["StepName"], step["StepStatus"], step.get("AttemptCount", 1))
            if change not in self._seen:
                self._seen.add(change)
                took = steps.took(step) if step["StepStatus"] in steps.ENDED else ""
                words = (step["StepName"], step["StepStatus"].lower(), took, steps.remark(step))
                elapsed = duration(time.monotonic() - self._started)
                note(f"{elapsed:>12}  {'  '.join(word for word in words if word)}")


class Table:
    """A table of all steps that is drawn again and again, with the last line of each one's log."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._found: dict[str, dict[str, Any]] = {}
        self._lines: dict[str, str] = {}
        self._logs = client("logs")

    def update(self, found: list[dict[str, Any]]) -> None:
        """Take the steps as they are now."""
        self._lines = {
            step["StepName"]: last_line(self._logs, *job)
            for step in found
            if step["StepStatus"] == "Executing" and (job := steps.job_of(step))
        }
        self._found = {step["StepName"]: step for step in found}

    def draw(self) -> Any:
        """Return the table as it looks at this moment."""
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        drawn = Table(box=None, pad_edge=False, show_header=False)
        for _ in range(4):
            drawn.add_column(no_wrap=True)
        drawn.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for name in [*self._names, *(n for n in self._found if n not in self._names)]:
            step = self._found.get(name)
            if step is None:
                drawn.add_row(" ", Text(name, "dim"), Text("waiting", "dim"))
                continue
            status = step["StepStatus"]
            mark = MARKS.get(status) or Spinner("dots", style="cyan")
            style = STYLES.get(status, "")
            remark = steps.remark(step) or self._lines.get(name, "")
            drawn.add_row(mark, name, Text(status, style), steps.took(step), Text(remark, "dim"))
        return drawn


MARKS = {"Succeeded": "[green]✓", "Failed": "[red]✗", "Stopped": "[yellow]■"}
