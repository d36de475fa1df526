"""Deploy a model to an endpoint: created where it is new, else released under guardrails."""

import time
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from slipway.cli import deployable, endpoint_progress, guards, served
from slipway.cli.aws import client
from slipway.cli.deployable import Deployable
from slipway.cli.deployment import Pace, Strategy, chosen, deployment_config
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.output import Json, note, say

VARIANT = "AllTraffic"  # as the SDK names it, which also reads logs by this name
BAKES = 2  # periods of the alarms that each stage is watched, where nothing is said


@dataclass(frozen=True)
class Wanted:
    """What the endpoint is to be."""

    endpoint: str
    variant: str
    instance_type: str
    instance_count: int
    role: str
    capture: str | None  # an S3 URI

    def config(self, name: str, model: str) -> dict[str, Any]:
        """Return the request of CreateEndpointConfig."""
        variant = {
            "VariantName": self.variant,
            "ModelName": model,
            "InstanceType": self.instance_type,
            "InitialInstanceCount": self.instance_count,
            "InitialVariantWeight": 1.0,
        }
        request: dict[str, Any] = {"EndpointConfigName": name, "ProductionVariants": [variant]}
        if self.capture:
            request["DataCaptureConfig"] = {
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": self.capture,
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
                "CaptureContentTypeHeader": {
                    "CsvContentTypes": ["text/csv"],
                    "JsonContentTypes": ["application/json", "application/jsonlines"],
                },
            }
        return request


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
        int | None, typer.Option(min=1, help="Instances (default: as many as now).")
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
    wanted = settle(api, to, what, now, instance_type, instance_count, role, capture)
    config = configure(api, wanted, what)
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
            RetainAllVariantProperties=instance_count is None and not what.instance_count,
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


def settle(
    api: Any,
    endpoint: str,
    what: Deployable,
    now: dict[str, Any] | None,
    instance_type: str | None,
    instance_count: int | None,
    role: str | None,
    capture: str | None,
) -> Wanted:
    """Return what the endpoint is to be: as asked, else as the package asks, else as it is now."""
    variant: dict[str, Any] = {}
    if now is not None:
        if now["EndpointStatus"] in endpoint_progress.GOING_ON:
            raise Refused(f"{endpoint} is {now['EndpointStatus']}; wait until it is InService")
        if now["EndpointStatus"] == "Failed":
            raise Refused(
                f"{endpoint} has Failed: {now.get('FailureReason', 'no reason was given')} Delete it "
                f"with `aws sagemaker delete-endpoint --endpoint-name {endpoint}`, then deploy again"
            )
        variant = only_variant(api, endpoint, now)
    count = instance_count or what.instance_count or variant.get("DesiredInstanceCount") or 1
    kind = instance_type or what.instance_type or variant.get("InstanceType")
    if not kind:
        if not what.supported:
            raise Refused(f"{what.title} names no instance type; give --instance-type")
        kind = what.supported[0]
    if what.package and not role:
        raise Refused(
            "expected --role (or SLIPWAY_ROLE) for the model that is made of the package, found none"
        )
    return Wanted(endpoint, variant.get("VariantName", VARIANT), kind, count, role or "", capture)


def only_variant(api: Any, endpoint: str, now: dict[str, Any]) -> dict[str, Any]:
    """Return the variant that an endpoint has, as configured and as it is now."""
    found = now.get("ProductionVariants", [])
    if len(found) != 1:
        raise Refused(
            f"{endpoint} has {len(found)} variants; `slipway deploy` releases to endpoints with one. "
            "Make an endpoint configuration with all of them and call UpdateEndpoint"
        )
    config = api.describe_endpoint_config(EndpointConfigName=now["EndpointConfigName"])
    (settings,) = config["ProductionVariants"]
    if "ServerlessConfig" in settings:
        raise Refused(
            f"{endpoint} is serverless; `slipway deploy` releases to instances. Make an endpoint "
            "configuration with a ServerlessConfig and call UpdateEndpoint"
        )
    merged: dict[str, Any] = settings | found[0]
    return merged


def configure(api: Any, wanted: Wanted, what: Deployable) -> str:
    """Make the model, where there is none yet, and the configuration; return the latter's name."""
    name = name_for(wanted.endpoint)
    model = what.model
    if not model:
        model = name
        api.create_model(
            ModelName=model,
            Containers=[{"ModelPackageName": what.package}],
            ExecutionRoleArn=wanted.role,
        )
    api.create_endpoint_config(**wanted.config(name, model))
    return name


def name_for(endpoint: str) -> str:
    """Return a new name for what belongs to an endpoint, 63 characters at most."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    milliseconds = time.time_ns() // 1_000_000 % 1000
    return f"{endpoint[:43].rstrip('-')}-{moment}{milliseconds:03d}"
