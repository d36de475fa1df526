"""The instances of a transform job: its model's servers, told that they serve a batch."""

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker import containers
from slipway.hosting.instance import Instance
from slipway.hosting.plan import plan
from slipway.hosting.transform.plan import environment
from slipway.jobs import probe
from slipway.jobs.settings import Settings

VARIANT = "AllTraffic"  # a job has one model; this is what messages call it


@dataclass(frozen=True)
class Made:
    """One instance of a job that is not started yet, and the file of its log."""

    instance: Instance
    log: Path


def made(cloud: Cloud, region: str, document: dict[str, Any], where: Path) -> list[Made]:
    """Return the instances of a job; the next process makes the same ones again.

    Raises:
        ServiceError: Nothing stands for one of the model's images.
    """
    request, model = document["Request"], document["Model"]
    given = containers.given_to_model(cloud, region, model)
    sandbox, settings = probe.find(cloud.home / "jobs"), Settings.of(os.environ)
    store = containers.objects_of_model(cloud, region, model)
    found = []
    for index in range(request["TransformResources"]["InstanceCount"]):
        host = host_name(document["Arn"], document["Created"], index)
        server = plan(
            model,
            {"VariantName": VARIANT},
            host,
            partial(containers.image, cloud),
            given,
            environment(request),
        )
        log = where / "logs" / f"{host}-{int(document['Created'])}.log"
        instance = Instance(server, where / host, store, sandbox, settings, log, cloud.endpoint)
        found.append(Made(instance, log))
    return found


def host_name(arn: str, created: float, index: int) -> str:
    """Return the id of a job's instance."""
    text = f"{arn} {created} {index}"
    return f"i-{hashlib.sha256(text.encode()).hexdigest()[:17]}"
