"""What an endpoint configuration must be, beyond the shape of its request. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Settings = Mapping[str, Any]

STEP = 1024  # MB: the memory of serverless variants comes in multiples of it
ROUTING = ("LEAST_OUTSTANDING_REQUESTS", "RANDOM")


def problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the request for a configuration."""
    production = request["ProductionVariants"]
    shadows = request.get("ShadowProductionVariants", [])
    yield from repeated(production + shadows)
    for settings in production + shadows:
        yield from variant_problems(settings)
    yield from component_problems(request)
    if shadows:
        yield from shadow_problems(production, shadows)
    if any("ServerlessConfig" in settings for settings in production):
        yield from serverless_problems(request)
    for where, uri in uris(request):
        if not uri.startswith("s3://"):
            yield f"{where} must be an s3:// URI, found {uri}."


def repeated(variants: list[Settings]) -> Iterator[str]:
    """Yield that a variant's name comes twice."""
    names = [settings["VariantName"] for settings in variants]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"Variant names must be unique within an endpoint configuration: {name} comes twice."


def variant_problems(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with one variant."""
    name = settings["VariantName"]
    has = [m for m in ("InstanceType", "InitialInstanceCount") if m in settings]
    if "ServerlessConfig" in settings:
        if has:
            yield f"{has[0]} must not be given for the serverless variant {name}."
        yield from memory_problems(name, settings["ServerlessConfig"])
    else:
        missing = {"InstanceType", "InitialInstanceCount"} - set(has)
        if missing:
            yield (
                f"{' and '.join(sorted(missing))} must be given for variant {name}, or a "
                "ServerlessConfig."
            )
    strategy = settings.get("RoutingConfig", {}).get("RoutingStrategy", ROUTING[0])
    if strategy not in ROUTING:
        yield f"The local cloud does not support the RoutingStrategy {strategy}: use {ROUTING[0]}."
    scaling = settings.get("ManagedInstanceScaling", {})
    least, most = scaling.get("MinInstanceCount", 0), scaling.get("MaxInstanceCount")
    if most is not None and least > most:
        yield f"MinInstanceCount {least} of variant {name} is above its MaxInstanceCount {most}."


def memory_problems(name: str, serverless: Settings) -> Iterator[str]:
    """Yield what is wrong with a variant's ServerlessConfig."""
    if memory := serverless["MemorySizeInMB"] % STEP:
        yield (
            f"MemorySizeInMB of variant {name} must be a multiple of {STEP}, found "
            f"{serverless['MemorySizeInMB']} ({memory} too many)."
        )
    most, kept = serverless["MaxConcurrency"], serverless.get("ProvisionedConcurrency", 0)
    if kept > most:
        yield (
            f"ProvisionedConcurrency {kept} of variant {name} must not be above its "
            f"MaxConcurrency {most}."
        )


def component_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a configuration as one of inference components, or not of them."""
    production = request["ProductionVariants"]
    without = [settings for settings in production if "ModelName" not in settings]
    if not without:
        if any("ManagedInstanceScaling" in settings for settings in production):
            yield "ManagedInstanceScaling is only supported for inference component endpoints."
        return
    if len(without) < len(production):
        yield "Either all variants have a ModelName or, of inference component endpoints, none has."
    if len(production) > 1:
        yield "An inference component endpoint has one production variant."
    if "ExecutionRoleArn" not in request:
        yield "ExecutionRoleArn must be given for an inference component endpoint."
    for member in ("ShadowProductionVariants", "AsyncInferenceConfig", "DataCaptureConfig"):
        if member in request:
            yield f"{member} is not supported for inference component endpoints."
    if any("ServerlessConfig" in settings for settings in without):
        yield "A serverless variant must have a ModelName."


def shadow_problems(production: list[Settings], shadows: list[Settings]) -> Iterator[str]:
    """Yield what is wrong with shadow variants: one of them beside one production variant."""
    if len(production) != 1 or len(shadows) != 1:
        yield (
            "Expected one shadow variant beside one production variant, found "
            f"{len(shadows)} beside {len(production)}."
        )
    if any("ServerlessConfig" in settings for settings in production + shadows):
        yield "Shadow variants are not supported for serverless endpoints."
    if any("ModelName" not in settings for settings in shadows):
        yield "A shadow variant must have a ModelName."


def serverless_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a configuration with a serverless variant cannot have."""
    if len(request["ProductionVariants"]) > 1:
        yield "A serverless endpoint has one production variant."
    for member in ("DataCaptureConfig", "AsyncInferenceConfig", "ExplainerConfig", "VpcConfig"):
        if member in request:
            yield f"{member} is not supported for serverless endpoints."


def model_problems(settings: Settings, model: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps a model (as DescribeModel shows it) from being served by a variant."""
    if "ServerlessConfig" not in settings:
        return
    name = model["ModelName"]
    if len(model.get("Containers", [])) > 1:
        yield f"Model {name} has several containers, which serverless endpoints do not support."
    if model.get("EnableNetworkIsolation") or "VpcConfig" in model:
        yield f"Model {name} has a network of its own, which serverless endpoints do not support."
    containers = [*model.get("Containers", []), model.get("PrimaryContainer", {})]
    if any(container.get("Mode") == "MultiModel" for container in containers):
        yield f"Model {name} is a multi-model, which serverless endpoints do not support."


def uris(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the URIs below which an endpoint would write, and where the request has them."""
    if capture := request.get("DataCaptureConfig"):
        yield "DataCaptureConfig.DestinationS3Uri", capture["DestinationS3Uri"]
    output = request.get("AsyncInferenceConfig", {}).get("OutputConfig", {})
    for member in ("S3OutputPath", "S3FailurePath"):
        if member in output:
            yield f"AsyncInferenceConfig.OutputConfig.{member}", output[member]
