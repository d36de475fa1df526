"""Where the local cloud does less than AWS with the requests for endpoints."""

from slipway.cloud.coverage import Coverage

UNENCRYPTED = "nothing is encrypted"
NO_ROLE = "containers call AWS as their model's role; a component without a model has none"
NO_VPC = "there is no VPC to attach to"
ONE_MACHINE = "instances are model servers on this machine, with its cores and its disk"
NO_POOLS = "every instance is on this machine; name one InstanceType"
TAGS = "shown by ListTags"
VARIANTS = ("ProductionVariants[]", "ShadowProductionVariants[]")


def of_variants(**reasons: str) -> dict[str, str]:
    """Return reasons for members of production and shadow variants alike."""
    return {f"{where}.{name}": why for where in VARIANTS for name, why in reasons.items()}


COMPONENT_REFUSED = {
    "Specifications": "the instances of an endpoint are of one type; use Specification",
    "Specification.InstanceType": "the endpoint's variant has it",
    "Specification.BaseInferenceComponentName": "adapters are not loaded into another component",
}
COMPONENT_KEPT = {
    "Specification.DataCacheConfig": "artifacts are on this machine already",
    "Specification.SchedulingConfig": ONE_MACHINE,
    "Specification.Container.ContainerMetricsConfig": "no container's own metrics are read",
    **{
        f"Specification.ComputeResourceRequirements.{member}": "copies run on this machine's cores"
        for member in ("NumberOfAcceleratorDevicesRequired", "AcceleratorPartitionType")
    },
}
COVERAGE = {
    "CreateEndpointConfig": Coverage(
        refused={
            "ExplainerConfig": "Clarify's online explanations are not computed",
            "CrossRegionTrafficConfig": "there is one region on this machine",
            **of_variants(
                InstancePools=NO_POOLS,
                CapacityReservationConfig="there is no capacity to reserve",
                AcceleratorType="Elastic Inference has been closed",
                AcceleratorPartitionLayouts="there are no accelerators to divide",
            ),
        },
        limited={
            f"{where}.RoutingConfig.RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS and RANDOM"
            for where in VARIANTS
        }
        | {
            f"{where}.RoutingConfig.PrefixAwareRoutingConfig": "needs PREFIX_AWARE, which is refused"
            for where in VARIANTS
        },
        not_honored={
            "KmsKeyId": UNENCRYPTED,
            "DataCaptureConfig.KmsKeyId": UNENCRYPTED,
            "AsyncInferenceConfig.OutputConfig.KmsKeyId": UNENCRYPTED,
            "ExecutionRoleArn": NO_ROLE,
            "VpcConfig": NO_VPC,
            "MetricsConfig": "metrics are readable within seconds, whatever it says",
            **of_variants(
                InstanceType=ONE_MACHINE,
                VolumeSizeInGB=ONE_MACHINE,
                CoreDumpConfig="core dumps are left to the system",
                EnableSSMAccess="instances are processes of yours: look at them",
                InferenceAmiVersion=ONE_MACHINE,
                VariantInstanceProvisionTimeoutInSeconds="there is always an instance to be had",
            ),
        },
        behaves={"Tags": TAGS},
    ),
    "CreateEndpoint": Coverage(
        behaves={"Tags": TAGS, "DeploymentConfig": "shown as LastDeploymentConfig"}
    ),
    "UpdateEndpointWeightsAndCapacities": Coverage(
        behaves={"DesiredWeightsAndCapacities": "shown as what the variants have, by and by"}
    ),
    "CreateInferenceComponent": Coverage(
        refused=COMPONENT_REFUSED,
        not_honored=COMPONENT_KEPT,
        behaves={"Tags": TAGS, "RuntimeConfig": "CopyCount is shown as DesiredCopyCount"},
    ),
    "UpdateInferenceComponent": Coverage(
        refused=COMPONENT_REFUSED
        | {"DeploymentConfig.AutoRollbackConfiguration": "copies are replaced at once"},
        not_honored=COMPONENT_KEPT
        | {"DeploymentConfig": "all copies are replaced at once, when the new ones answer"},
        behaves={"RuntimeConfig": "CopyCount is shown as DesiredCopyCount"},
    ),
    "UpdateInferenceComponentRuntimeConfig": Coverage(
        behaves={"DesiredRuntimeConfig": "CopyCount is shown as DesiredCopyCount"}
    ),
}
