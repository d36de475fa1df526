"""The operations of AWS Lambda, of which the ground has none."""

import shutil

from slipway.cloud.awslambda import (
    asynchronous,
    code,
    concurrency,
    event_settings,
    functions,
    invoke,
    layers,
    mappings,
    owed,
    permissions,
    poller,
    pool,
    tags,
    versions,
)
from slipway.cloud.awslambda.coverage import COVERAGE
from slipway.cloud.awslambda.settings import settings
from slipway.cloud.awslambda.store import KIND
from slipway.cloud.cloud import Cloud
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    **functions.OPERATIONS,
    **versions.OPERATIONS,
    **permissions.OPERATIONS,
    **concurrency.OPERATIONS,
    **event_settings.OPERATIONS,
    **mappings.OPERATIONS,
    **layers.OPERATIONS,
    **tags.OPERATIONS,
    **invoke.OPERATIONS,
}


def start(cloud: Cloud) -> None:
    """Go on where the last process ended; BadSetting for a setting that is no number."""
    settings()
    shutil.rmtree(code.home(cloud) / "environments", ignore_errors=True)
    code.sweep(cloud, packages(cloud))
    asynchronous.start(cloud)
    poller.start(cloud)


def packages(cloud: Cloud) -> set[str]:
    """Return the packages that functions and layers have."""
    found: set[str] = set()
    for kind in (KIND, layers.KIND):
        for region in cloud.state.regions(kind):
            for _, document in cloud.state.documents(region, kind).all():
                kept = {**document["Versions"], **document.get("Deleted", {})}
                found |= {each["Digest"] for each in kept.values()}
    return found


def stop(cloud: Cloud) -> None:
    """End all functions that run."""
    pool.stop(cloud)
    poller.stop(cloud)
    owed.stop(cloud)
    pool.drop(cloud)


SERVICE = Service("lambda", OPERATIONS, COVERAGE, start, stop, ground=False)
