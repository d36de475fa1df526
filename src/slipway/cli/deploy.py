"""Deploy a model to an endpoint: created where it is new, else released under guardrails."""

from typing import Annotated, Any

import typer

from slipway.cli import deployable, endpoint_config, endpoint_progress, guards, served
from slipway.cli.aws import client
from slipway.cli.deployable import Deployable
from slipway.cli.deployment import Pace, Strategy, chosen, deployment_config
from slipway.cli.endpoint_config import Asked, Wanted
from slipway.cli.errors import ExitCode
from slipway.cli.output import Json, note, say

BAKES = 2  # periods of the alarms that each stage is watched, where nothing is said


def deploy(
    model: Annotated[
        str,
        typer.Argument(
            help="A package's ARN, GROUP/VERSION, GROUP for its newest approved, or a model's name."
        ),
    ],
    to: Annotated[str, typer.Option("--to", metavar="ENDPOINT", help="The endpoint's name.")],
    strategy: Annotated[
        Strategy, typer.Option(help="How traffic moves to the new model.")
    ] = Strategy.CANARY,
    canary: Annotated[
        str | None, typer.Option(help="First step of a canary: 10% or a number of instances.")
    ] = None,
    step: Annotated[str | None, typer.Option(help="Each step of linear, e.g. 25%.")] = None,
    batch: Annotated[str | None, typer.Option(help="Each batch of rolling, e.g. 50%.")] = None,
    bake: Annotated[
        int | None,
        typer.Option(
            min=0, max=3600, help="Seconds to watch each step (default: 2 alarm periods)."
        ),
    ] = None,
    final_bake: Annotated[
        int | None,
        typer.Option(min=0, max=3600, help="Seconds to watch all traffic before the old one ends."),
    ] = None,
    timeout: Annotated[
        int | None, typer.Option(min=600, max=28800, help="Seconds for the whole release.")
    ] = None,
    alarm: Annotated[
        list[str] | None,
        typer.Option(help="Roll back on this alarm (repeat); none: alarms are made."),
    ] = None,
    max_errors: Annotated[
        float, typer.Option(min=0, max=1, help="Part of 5XX answers that the alarms made accept.")
    ] = guards.ERRORS,
    max_latency: Annotated[
        float | None,
        typer.Option(min=0, help="Mean model latency in ms that they accept (default: 3 x usual)."),
    ] = None,
    alarm_period: Annotated[
        int, typer.Option(help="Their period in seconds; AWS takes 60 and its multiples.")
    ] = guards.PERIOD,
    instance_type: Annotated[str | None, typer.Option(help="E.g. ml.m5.large.")] = None,
    instance_count: Annotated[
        int | None, typer.Option(min=1, help="Instances (default: not fewer than now).")
    ] = None,
    role: Annotated[
        str | None, typer.Option(envvar="SLIPWAY_ROLE", help="ARN of the role of the model.")
    ] = None,
    capture: Annotated[
        str | None, typer.Option(metavar="S3URI", help="Capture requests and answers there.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Follow it until it has ended.")] = True,
    json: Json = False,
) -> int:
    """Release a model to an endpoint, watched by alarms.

    An endpoint that does not exist is created. Ends with 1 when the release was rolled back.
    """
    sizes = {Strategy.CANARY: canary, Strategy.LINEAR: step, Strategy.ROLLING: batch}
    size = chosen(strategy, sizes)
    watched = BAKES * alarm_period
    pace = Pace(
        strategy,
        size,
        watched if bake is None else bake,
        watched if final_bake is None else final_bake,
        timeout,
    )
    deployment_config(pace, [])  # its own faults come first, before anything is made
    api, cloudwatch = client("sagemaker"), client("cloudwatch")
    what = deployable.find_deployable(api, model)
    now = endpoint_progress.described(api, to)
    if alarm and now is not None:
        guards.check(cloudwatch, alarm)
    asked = Asked(instance_type, instance_count, role, capture)
    wanted = endpoint_config.wanted(api, to, now, what, asked)
    config = endpoint_config.name_for(to)
    configure(api, config, wanted, what)
    if now is None:
        api.create_endpoint(EndpointName=to, EndpointConfigName=config)
        note(f"creating {to} with {what.title}")
    else:
        names = alarm or guards.make(
            cloudwatch,
            to,
            [wanted.variant],
            config,
            guards.Limits(max_errors, max_latency, alarm_period),
        )
        served.write(api, now["EndpointArn"], now["EndpointConfigName"])
        api.update_endpoint(
            EndpointName=to,
            EndpointConfigName=config,
            DeploymentConfig=deployment_config(pace, names),
        )
        note(f"releasing {what.title} to {to}: {strategy}, watched by {', '.join(names)}")
    if not wait:
        say(f"follow it with `slipway endpoints {to}`")
        return ExitCode.DONE
    done = endpoint_progress.end(api, to, config, json)
    if done and now is not None:
        guards.forget(cloudwatch, to, config)
    return ExitCode.DONE if done else ExitCode.REFUSED


def configure(api: Any, name: str, wanted: Wanted, what: Deployable) -> None:
    """Make the model, where there is none yet, and the configuration."""
    if not what.model:
        api.create_model(
            ModelName=name,
            Containers=[{"ModelPackageName": what.package}],
            ExecutionRoleArn=wanted.role,
        )
    api.create_endpoint_config(**wanted.request(name, what.model or name))
