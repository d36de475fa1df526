"""Go back to the configuration that served from an endpoint before, under the same guardrails."""

from typing import Annotated, Any

import typer

from slipway.cli import endpoint_progress, guards, served
from slipway.cli.aws import client
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.output import Json, note, say


def rollback(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="CONFIG", help="Back to this endpoint configuration."),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Follow it until it has ended.")] = True,
    json: Json = False,
) -> int:
    """Go back to the configuration that served before.

    It is released the way the last release was made, with alarms of its own.
    """
    api, cloudwatch = client("sagemaker"), client("cloudwatch")
    now = endpoint_progress.of(api, endpoint)
    if now["EndpointStatus"] in endpoint_progress.GOING_ON:
        raise Refused(f"{endpoint} is {now['EndpointStatus']}; wait until it is InService")
    config = to or before(api, cloudwatch, now)
    if config == now["EndpointConfigName"]:
        raise Refused(f"{endpoint} serves {config} already")
    to_be = variants_of(api, endpoint, config)
    deployment = now.get("LastDeploymentConfig", {})
    request: dict[str, Any] = {"EndpointName": endpoint, "EndpointConfigName": config}
    variants = [one["VariantName"] for one in now["ProductionVariants"]]
    if deployment and sorted(variants) != sorted(to_be):
        note(f"all at once and without alarms: {config} has other variants, {', '.join(to_be)}")
    elif deployment:
        request["DeploymentConfig"] = guarded(cloudwatch, endpoint, variants, config, deployment)
    served.strike(api, now["EndpointArn"], now["EndpointConfigName"])
    note(f"taking {endpoint} back from {now['EndpointConfigName']} to {config}")
    api.update_endpoint(**request, RetainAllVariantProperties=True)
    if not wait:
        say(f"follow it with `slipway endpoints {endpoint}`")
        return ExitCode.DONE
    done = endpoint_progress.end(api, endpoint, config, json)
    if done:
        guards.forget(cloudwatch, endpoint, config)
    return ExitCode.DONE if done else ExitCode.REFUSED


def before(api: Any, cloudwatch: Any, now: dict[str, Any]) -> str:
    """Return the configuration that served before; Refused when none is known."""
    name, serves = now["EndpointName"], now["EndpointConfigName"]
    known = served.before(api, now["EndpointArn"], serves)
    if known:
        return known[0]
    others = served.answered(cloudwatch, name) - {serves}
    among = f" ({', '.join(sorted(others))} answered requests, as a canary or in full)"
    raise Refused(
        f"{name} has served nothing but {serves}, as far as `slipway deploy` wrote down"
        f"{among if others else ''}; name a configuration with --to CONFIG"
    )


def variants_of(api: Any, endpoint: str, config: str) -> list[str]:
    """Return the variants of a configuration; Refused when it, or one of its models, is deleted."""
    try:
        found = api.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        for variant in found:
            if "ModelName" in variant:
                api.describe_model(ModelName=variant["ModelName"])
    except api.exceptions.ClientError as error:
        said = error.response["Error"]["Message"]
        if "Could not find" not in said:
            raise
        raise Refused(
            f"{endpoint} cannot go back to {config}: {said} Name another one with --to CONFIG"
        ) from error
    return [variant["VariantName"] for variant in found]


def guarded(
    cloudwatch: Any,
    endpoint: str,
    variants: list[str],
    config: str,
    deployment: dict[str, Any],
) -> dict[str, Any]:
    """Return the last DeploymentConfig with alarms that fit the way back.

    Those that `deploy` made looked at another configuration: they are made anew. What rings now rings
    for the model that is to go, and would end the way back before it begins: it is left out.
    """
    names = [one["AlarmName"] for one in alarms(deployment)]
    if not names:
        return deployment
    found = cloudwatch.describe_alarms(
        AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    known = {a["AlarmName"]: a for a in (*found["MetricAlarms"], *found["CompositeAlarms"])}
    made = guards.of(cloudwatch, endpoint)
    kept = []
    for name in (name for name in names if name not in made):
        if known.get(name, {}).get("StateValue", "ALARM") == "ALARM":
            note(f"not watched by {name}, which is gone or in ALARM now")
        else:
            kept.append(name)
    if len(kept) < len(names):
        periods = [known[name]["Period"] for name in names if name in made and name in known]
        limits = guards.Limits(guards.ERRORS, None, max(periods, default=guards.PERIOD))
        kept += guards.make(cloudwatch, endpoint, variants, config, limits)
    return deployment | {
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in kept]}
    }


def alarms(deployment: dict[str, Any]) -> list[dict[str, str]]:
    """Return the alarms of a DeploymentConfig."""
    found: list[dict[str, str]] = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    return found
