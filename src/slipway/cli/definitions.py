"""Look at a pipeline before it runs: its definition, its faults, its plan."""

import json as json_
from typing import Any

from slipway.cli import source
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.output import Json, emit, say, table
from slipway.cli.run import Bucket, Parameters, Pipeline, Role, pairs


def definition(
    pipeline: Pipeline, role: Role = None, bucket: Bucket = None, json: Json = False
) -> None:
    """Print a pipeline's definition.

    With --json on one line, as it is stored.
    """
    document = json_.loads(source.definition_of(pipeline, role, bucket))
    if json:
        emit(document)
    else:
        say(json_.dumps(document, indent=2, ensure_ascii=False))


def plan(
    pipeline: Pipeline,
    parameter: Parameters = None,
    role: Role = None,
    bucket: Bucket = None,
    json: Json = False,
) -> None:
    """Show what would run: the steps in order, and parameters."""
    from slipway.definition.errors import DefinitionError, ParameterError
    from slipway.definition.graph import build_graph
    from slipway.definition.parameters import effective_values
    from slipway.definition.parse import parse

    given = [{"Name": n, "Value": v} for n, v in pairs(parameter or []).items()]
    try:
        parsed = parse(source.definition_of(pipeline, role, bucket))
        graph = build_graph(parsed)
        values = effective_values(parsed, given)
    except (DefinitionError, ParameterError) as error:
        raise Refused(f"{pipeline}: {error}") from error
    steps = [row(graph, name) for name in graph.steps]
    if json:
        emit({"Parameters": values, "Steps": steps})
        return
    for name, value in values.items():
        say(f"  {name} = {value}")
    say()
    rows = [
        (
            step["Name"],
            step["Type"],
            ", ".join(step["After"]),
            step["If"] or "",
            "yes" if step["Cache"] else "",
        )
        for step in steps
    ]
    table(("Step", "Type", "After", "Only if", "Cache"), rows)


def row(graph: Any, name: str) -> dict[str, Any]:
    """Return what the plan says of one step."""
    step, branch = graph.steps[name], graph.branches.get(name)
    after = dict.fromkeys(
        edge.upstream if edge.trigger == "Completed" else f"{edge.upstream} ({edge.trigger})"
        for edge in graph.upstream[name]
        if edge.kind != "branch"
    )
    return {
        "Name": name,
        "Type": step.type,
        "After": list(after),
        "If": f"{branch.condition} is {str(branch.outcome).lower()}" if branch else None,
        "Cache": bool(step.cache and step.cache.enabled),
    }


def lint(pipeline: Pipeline, role: Role = None, bucket: Bucket = None, json: Json = False) -> int:
    """Look for faults in a pipeline, each with a fix.

    The exit code is 1 when there are errors; warnings alone are no reason to stop.
    """
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    from slipway.definition.lint import lint as findings_of

    text = source.definition_of(pipeline, role, bucket)
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
    findings = findings_of(text, model.operation_model)
    errors = sum(finding.severity == "error" for finding in findings)
    if json:
        members = ("severity", "rule", "step", "where", "message", "fix", "refused")
        emit([{member: getattr(finding, member) for member in members} for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.severity}: {finding.fault} [{finding.rule}]")
            say(f"  → {finding.fix}")
        say(f"{pipeline}: {count(errors, 'error')}, {count(len(findings) - errors, 'warning')}")
    return ExitCode.REFUSED if errors else ExitCode.DONE


def count(number: int, thing: str) -> str:
    """Return `no errors`, `1 error` or `2 errors`."""
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"
