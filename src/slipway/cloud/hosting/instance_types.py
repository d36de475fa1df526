"""What an instance of a type has: the ground knows EC2's types, of which SageMaker's are made."""

import os
from functools import lru_cache

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.ground import Ground
from slipway.cloud.hosting.placement import Room


def room(cloud: Cloud, instance_type: str) -> Room:
    """Return what an instance of a type ("ml.m5.large") has; of an unknown one, what this machine has.

    Never call it within a transaction of the state: it asks the ground.
    """
    return known(cloud.ground, cloud.region, instance_type.removeprefix("ml.")) or machine()


@lru_cache(maxsize=64)
def known(ground: Ground, region: str, instance_type: str) -> Room | None:
    """Return what an EC2 instance of a type has, or None."""
    client = inside.client(ground, "ec2", region)
    try:
        (found,) = client.describe_instance_types(InstanceTypes=[instance_type])["InstanceTypes"]
    except (ClientError, ValueError):
        return None
    return Room(float(found["VCpuInfo"]["DefaultVCpus"]), int(found["MemoryInfo"]["SizeInMiB"]))


def machine() -> Room:
    """Return what this machine has."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return Room(float(os.cpu_count() or 1), memory)
