"""Load an endpoint: latency at a rate, where it saturates, and how many instances that means."""

from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli import endpoint_progress, load_figures, load_payload
from slipway.cli.aws import client
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.load_figures import PERCENTILES, Step
from slipway.cli.output import Json, emit, note, say, table

FIRST = 4.0  # requests/s with which the search begins
LONGEST = 20  # steps of a search


def load(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    rate: Annotated[
        list[float] | None,
        typer.Option(help="Requests/s (repeat for a ramp); none: search where it saturates."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds at each rate.")] = 10.0,
    file: Annotated[
        Path | None, typer.Option(help="The payload (default: the model package's sample).")
    ] = None,
    content_type: Annotated[str | None, typer.Option(help="Of the payload.")] = None,
    accept: Annotated[str | None, typer.Option(help="Type of the answers.")] = None,
    variant: Annotated[str | None, typer.Option(help="Only this variant.")] = None,
    connections: Annotated[int, typer.Option(min=1, help="Requests at a time, at most.")] = 64,
    target: Annotated[
        float | None, typer.Option(min=0, help="Latency in ms that must be kept.")
    ] = None,
    percentile: Annotated[float, typer.Option(help=f"Of {PERCENTILES}: for --target.")] = 99,
    need: Annotated[
        float | None, typer.Option(min=0, help="Say how many instances so many requests/s need.")
    ] = None,
    safety: Annotated[
        float, typer.Option(min=0.05, max=1, help="Part of an instance's capacity to plan with.")
    ] = 0.5,
    json: Json = False,
) -> int:
    """Find out how many requests an endpoint can take.

    Requests go at a rate, whatever the answers. Ends with 1 when none was answered well.
    """
    if percentile not in PERCENTILES:
        raise Refused(f"--percentile: expected one of {PERCENTILES}, found {percentile:g}")
    if any(one <= 0 for one in rate or []):
        raise Refused("--rate: expected more than 0 requests/s")
    from slipway.cli import load_generator

    api = client("sagemaker")
    found = endpoint_progress.of(api, endpoint)
    config = found["EndpointConfigName"]
    payloads = (
        load_payload.from_file(file, content_type)
        if file
        else load_payload.from_package(api, client("s3"), config, content_type)
    )
    send = load_generator.sender(endpoint, connections, variant, accept)
    if error := send(payloads[0]):  # it does not count: a first request may be slow
        note(f"the first request failed: {error}")
    steps: list[Step] = []
    for each in rates(rate, steps, target, percentile):
        step = load_generator.run(send, payloads, each, seconds, connections)
        steps.append(step)
        note(line(step))
    instances = size(found, variant)
    advice = load_figures.advice(steps, instances, target, percentile, need, safety)
    if json:
        documents = [load_generator.describe(step) for step in steps]
        emit({"EndpointName": endpoint, "Instances": instances, "Steps": documents, **advice})
    else:
        show(steps, advice, instances, target, percentile, need)
    return ExitCode.DONE if any(step.answered for step in steps) else ExitCode.REFUSED


def rates(
    given: list[float] | None, steps: list[Step], target: float | None, percentile: float
) -> Any:
    """Yield the rates to try: those given, or a search that looks at the steps made so far."""
    if given:
        yield from given
        return
    wanted: float | None = FIRST
    while wanted and len(steps) < LONGEST:
        yield wanted
        wanted = load_figures.next_rate(steps, target, percentile)


def size(endpoint: dict[str, Any], variant: str | None) -> int:
    """Return the instances that answer: all of the endpoint's, or one variant's."""
    return sum(
        one.get("CurrentInstanceCount", 0)
        for one in endpoint.get("ProductionVariants", [])
        if variant in (None, one["VariantName"])
    )


def line(step: Step) -> str:
    """Return one line about a step."""
    p99 = step.percentiles.get(99)
    late = f", p99 {p99:.1f} ms" if p99 is not None else ""
    failed = sum(step.errors.values())
    return f"{step.rate:8.1f}/s  {step.answered:.1f}/s answered{late}" + (
        f", {failed} failed" if failed else ""
    )


def show(
    steps: list[Step],
    advice: dict[str, Any],
    instances: int,
    target: float | None,
    percentile: float,
    need: float | None,
) -> None:
    """Print the figures and what follows from them."""
    rows = [
        (
            f"{step.rate:.1f}",
            f"{step.answered:.1f}",
            *(f"{step.percentiles[p]:.1f}" if step.percentiles else "" for p in PERCENTILES),
            ", ".join(f"{count} {kind}" for kind, count in step.errors.items()),
        )
        for step in steps
    ]
    table(("Sent/s", "Answered/s", *(f"p{p:g} ms" for p in PERCENTILES), "Errors"), rows)
    say()
    within = f" with p{percentile:g} within {target:g} ms" if target is not None else ""
    if advice["MaxRps"] is None:
        say(f"It kept up with no rate that was tried{within}.")
    else:
        held = "at most" if advice["Saturated"] or within else "at least"
        say(f"It keeps up with {held} {advice['MaxRps']:.1f} requests/s{within}.")
    if advice["Saturated"]:
        say(f"It saturates at {advice['SaturationRps']:.1f} answers/s.")
    if advice["GeneratorLimited"]:
        say("The load generator used up a core: the endpoint may be able to do more than this.")
    if "RpsPerInstance" in advice:
        of = "Its one instance" if instances == 1 else f"Each of its {instances} instances"
        say(f"{of} carries {advice['RpsPerInstance']:.1f} requests/s.")
        if need:
            say(
                f"Instances for {need:g} requests/s: {advice['InstancesNeeded']}, with a reserve "
                f"{advice['InstancesWithReserve']}."
            )
        value = advice["InvocationsPerInstanceTarget"]
        say(f"Autoscaling: SageMakerVariantInvocationsPerInstance {value:.0f} (per minute).")
