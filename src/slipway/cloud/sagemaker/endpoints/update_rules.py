"""What UpdateEndpoint refuses, and which counts and weights it retains. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.cloud.hosting import guardrails
from slipway.cloud.sagemaker.endpoints.documents import Summary, find

Config = Mapping[str, Any]  # of an endpoint configuration
RETAINED = ("DesiredInstanceCount", "DesiredWeight")


def request_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the request, whatever the endpoint is."""
    yield from guardrails.faults(request.get("DeploymentConfig", {}))
    excluded = excluded_of(request)
    if excluded and not request.get("RetainAllVariantProperties"):
        yield (
            "ExcludeRetainedVariantProperties goes with RetainAllVariantProperties only; without it "
            "every property comes from the endpoint configuration."
        )
    if "DataCaptureConfig" in excluded:
        yield (
            "ExcludeRetainedVariantProperties does not support DataCaptureConfig: it always comes "
            "from the endpoint configuration."
        )


def config_problems(endpoint: str, old: Config, new: Config) -> Iterator[str]:
    """Yield why an endpoint cannot go from its configuration to another one."""
    if "AsyncInferenceConfig" in old and "AsyncInferenceConfig" not in new:
        yield (
            f"The AsyncInferenceConfig parameter cannot be removed from this endpoint {endpoint}. To "
            "change the endpoint to a synchronous one, create a new endpoint."
        )
    before = {settings["VariantName"]: settings for settings in old["ProductionVariants"]}
    for settings in new["ProductionVariants"]:
        name = settings["VariantName"]
        was = before.get(name, settings)
        if "ServerlessConfig" in settings and "ServerlessConfig" not in was:
            yield (
                f"Variant {name} of endpoint {endpoint} runs on instances and cannot be updated to "
                "serverless; create a new endpoint."
            )


def deployment_problems(
    deployment: Mapping[str, Any], old: Config, new: Config, summaries: Sequence[Summary]
) -> Iterator[str]:
    """Yield why guardrails cannot move an endpoint; `summaries` have the desired counts."""
    if not deployment:
        return
    counted = []
    for settings in new["ProductionVariants"]:
        summary = find(summaries, settings["VariantName"]) or {}
        count = summary.get("DesiredInstanceCount", settings.get("InitialInstanceCount", 0))
        counted.append({**settings, "InitialInstanceCount": count})
    yield from guardrails.faults_between(deployment, old["ProductionVariants"], counted)


def scaling_problems(old: Config, new: Config, scaled: Sequence[str]) -> Iterator[str]:
    """Yield what an update must not do to the variants that are scaled automatically."""
    after = {settings["VariantName"]: settings for settings in new["ProductionVariants"]}
    for settings in old["ProductionVariants"]:
        name = settings["VariantName"]
        if name not in scaled:
            continue
        advice = "Deregister its scalable target first."
        if name not in after:
            yield f"Variant {name} is scaled automatically and cannot be removed. {advice}"
        elif settings.get("InstanceType") != after[name].get("InstanceType"):
            yield (
                f"Variant {name} is scaled automatically: its instance type cannot change from "
                f"{settings.get('InstanceType')} to {after[name].get('InstanceType')}. {advice}"
            )


def component_problems(new: Config, used: Mapping[str, str]) -> Iterator[str]:
    """Yield which inference components would lose their variant; `used` is variant by component."""
    left = [each["VariantName"] for each in new["ProductionVariants"] if "ModelName" not in each]
    for component, variant in used.items():
        if variant not in left:
            yield (
                f"Inference component {component} is deployed on variant {variant}, which the new "
                "endpoint configuration has not, or not without a model. Delete the component first."
            )


def retain(request: Mapping[str, Any], live: Sequence[Summary], pending: Sequence[Summary]) -> None:
    """Give the variants to come the live counts and weights that the request retains."""
    if not request.get("RetainAllVariantProperties"):
        return
    kept = [member for member in RETAINED if member not in excluded_of(request)]
    for summary in pending:
        now = find(live, summary["VariantName"]) or {}
        summary.update({member: now[member] for member in kept if member in now})


def excluded_of(request: Mapping[str, Any]) -> list[str]:
    """Return the properties that are not retained."""
    return [
        one["VariantPropertyType"] for one in request.get("ExcludeRetainedVariantProperties", [])
    ]
