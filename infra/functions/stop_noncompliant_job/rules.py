"""What a job of the platform must have, and what one lacks. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rules:
    """What the platform asks of every job; the same that its roles' guardrails ask."""

    subnets: frozenset[str]
    security_groups: frozenset[str]
    key: str  # ARN
    instance_types: frozenset[str]
    max_runtime: int  # seconds
    tags: Mapping[str, str]  # that every job has

    @staticmethod
    def from_environment(of: Mapping[str, str]) -> "Rules":
        """Return the rules that a function's environment names."""
        return Rules(
            frozenset(of["SUBNETS"].split(",")),
            frozenset(of["SECURITY_GROUPS"].split(",")),
            of["KMS_KEY"],
            frozenset(of["INSTANCE_TYPES"].split(",")),
            int(of["MAX_RUNTIME"]),
            dict(pair.split("=", 1) for pair in of["TAGS"].split(",")),
        )


def training_problems(job: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Yield what is wrong with a job as DescribeTrainingJob tells it."""
    yield from network_problems(job.get("VpcConfig"), rules)
    yield from isolation_problems(
        job.get("EnableNetworkIsolation"), job.get("EnableInterContainerTrafficEncryption")
    )
    resources = job.get("ResourceConfig", {})
    groups = resources.get("InstanceGroups") or [resources]
    yield from type_problems([group.get("InstanceType", "") for group in groups], rules)
    yield from key_problems("volumes", resources.get("VolumeKmsKeyId"), rules)
    yield from key_problems("output", job.get("OutputDataConfig", {}).get("KmsKeyId"), rules)
    yield from runtime_problems(job.get("StoppingCondition", {}), rules)


def processing_problems(job: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Yield what is wrong with a job as DescribeProcessingJob tells it."""
    network = job.get("NetworkConfig", {})
    yield from network_problems(network.get("VpcConfig"), rules)
    yield from isolation_problems(
        network.get("EnableNetworkIsolation"), network.get("EnableInterContainerTrafficEncryption")
    )
    cluster = job.get("ProcessingResources", {}).get("ClusterConfig", {})
    yield from type_problems([cluster.get("InstanceType", "")], rules)
    yield from key_problems("volumes", cluster.get("VolumeKmsKeyId"), rules)
    output = job.get("ProcessingOutputConfig", {})
    if output.get("Outputs"):
        yield from key_problems("output", output.get("KmsKeyId"), rules)
    yield from runtime_problems(job.get("StoppingCondition", {}), rules)


def transform_problems(job: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Yield what is wrong with a job as DescribeTransformJob tells it; its network is its model's."""
    resources = job.get("TransformResources", {})
    yield from type_problems([resources.get("InstanceType", "")], rules)
    yield from key_problems("volumes", resources.get("VolumeKmsKeyId"), rules)
    yield from key_problems("output", job.get("TransformOutput", {}).get("KmsKeyId"), rules)


def tag_problems(tags: Mapping[str, str], rules: Rules) -> Iterator[str]:
    """Yield which tags a job lacks."""
    for key, value in rules.tags.items():
        if tags.get(key) != value:
            yield f"tag {key}: expected {value}, found {tags.get(key, 'none')}"


def network_problems(vpc: Mapping[str, Any] | None, rules: Rules) -> Iterator[str]:
    """Yield what is wrong with a VpcConfig."""
    if not vpc:
        yield "expected a VpcConfig, found none"
        return
    for member, allowed in (
        ("Subnets", rules.subnets),
        ("SecurityGroupIds", rules.security_groups),
    ):
        found = set(vpc.get(member, ()))
        if not found or not found <= allowed:
            yield f"{member}: expected {named(allowed)}, found {named(found) or 'none'}"


def isolation_problems(isolated: Any, encrypted: Any) -> Iterator[str]:
    """Yield what is wrong with a job's isolation and with the traffic between its instances."""
    if isolated is not True:
        yield "expected EnableNetworkIsolation"
    if encrypted is not True:
        yield "expected EnableInterContainerTrafficEncryption"


def type_problems(types: list[str], rules: Rules) -> Iterator[str]:
    """Yield the instance types that are not allowed."""
    for kind in types:
        if kind not in rules.instance_types:
            yield f"instance type: expected one of {named(rules.instance_types)}, found {kind or 'none'}"


def key_problems(what: str, key: Any, rules: Rules) -> Iterator[str]:
    """Yield whether a key is another one than the platform's; it may be named by its id alone."""
    if key not in (rules.key, rules.key.rpartition("/")[2]):
        yield f"key of {what}: expected {rules.key}, found {key or 'none'}"


def runtime_problems(condition: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Yield whether a job may run for too long."""
    seconds = condition.get("MaxRuntimeInSeconds")
    if seconds is None or seconds > rules.max_runtime:
        found = "none" if seconds is None else seconds
        yield f"MaxRuntimeInSeconds: expected at most {rules.max_runtime}, found {found}"


def named(values: Any) -> str:
    """Return values in a row."""
    return ", ".join(sorted(values))
