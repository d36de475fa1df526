"""What a DeploymentConfig must be, alone and for the endpoint that it is to move. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Deployment = Mapping[str, Any]
Variants = Sequence[Mapping[str, Any]]  # ProductionVariants of an endpoint configuration

POLICIES = ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
# the member of a size → the smallest and the largest percentage of a variant's capacity
PERCENT = {
    "CanarySize": (1, 50),
    "LinearStepSize": (10, 50),
    "MaximumBatchSize": (5, 50),
    "RollbackMaximumBatchSize": (1, 100),
}
SIZE_OF = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize", "ALL_AT_ONCE": ""}


def faults(deployment: Deployment) -> Iterator[str]:
    """Yield a sentence for each fault of a DeploymentConfig that no endpoint could use."""
    if all(policy in deployment for policy in POLICIES):
        yield (
            "DeploymentConfig has both BlueGreenUpdatePolicy and RollingUpdatePolicy; expected at "
            "most one of them."
        )
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    if routing:
        kind = routing["Type"]
        wanted = SIZE_OF[kind]
        if wanted and wanted not in routing:
            yield f"TrafficRoutingConfiguration of Type {kind} needs {wanted}."
        for other in SIZE_OF.values():
            if other and other != wanted and other in routing:
                yield f"{other} does not go with TrafficRoutingConfiguration of Type {kind}."
    for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", ()):
        if "AlarmName" not in alarm:
            yield "Every one of AutoRollbackConfiguration.Alarms needs an AlarmName."
    for member, size in sizes(deployment):
        low, high = PERCENT[member]
        if size["Type"] == "CAPACITY_PERCENT" and not low <= size["Value"] <= high:
            yield (
                f"{member} must be from {low} to {high} percent of the variant's capacity, found "
                f"{size['Value']}."
            )


def faults_between(deployment: Deployment, old: Variants, new: Variants) -> Iterator[str]:
    """Yield a sentence for each reason why a release by guardrails cannot be between two configs.

    `new` has the counts that the variants are to have.
    """
    before, after = names(old), names(new)
    if before != after:
        yield (
            "A DeploymentConfig needs the same variant names in the old and the new endpoint "
            f"configuration; found {', '.join(before)} in the old and {', '.join(after)} in the "
            "new one. Leave DeploymentConfig out to add or remove variants."
        )
    if "RollingUpdatePolicy" in deployment:
        for variant in (*old, *new):
            if "ServerlessConfig" in variant:
                yield (
                    "RollingUpdatePolicy is not supported for serverless variants; "
                    f"{variant['VariantName']} is one. Use BlueGreenUpdatePolicy."
                )
        if len(before) > 1 or len(after) > 1:
            yield (
                "RollingUpdatePolicy is not supported for endpoints with several production "
                f"variants; found {', '.join(after)}. Use BlueGreenUpdatePolicy."
            )
    for member, size in sizes(deployment):
        if size["Type"] == "INSTANCE_COUNT":
            yield from too_large(member, size["Value"], new)


def too_large(member: str, instances: int, variants: Variants) -> Iterator[str]:
    """Yield a sentence for each variant of whose instances such a number is no fitting part."""
    low, high = PERCENT[member]
    for variant in variants:
        if "ServerlessConfig" in variant:
            yield (
                f"{member} must be a CAPACITY_PERCENT, as variant {variant['VariantName']} is "
                "serverless and has no instances."
            )
            continue
        count = variant.get("InitialInstanceCount", 1)
        if not low * count <= instances * 100 <= high * count:
            yield (
                f"{member} must be from {low} to {high} percent of the variant's capacity; "
                f"{instances} of the {count} instances of {variant['VariantName']} are not."
            )


def sizes(deployment: Deployment) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each CapacitySize of a DeploymentConfig with its member."""
    blue_green = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    for part in (blue_green, deployment.get("RollingUpdatePolicy", {})):
        for member in PERCENT:
            if member in part:
                yield member, part[member]


def names(variants: Variants) -> list[str]:
    """Return the variants' names in one order."""
    return sorted(variant["VariantName"] for variant in variants)
