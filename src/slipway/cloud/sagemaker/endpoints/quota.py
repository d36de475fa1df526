"""How many instances all endpoints of a region may have together: a quota, as each account has."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from slipway.cloud.sagemaker.endpoints import store
from slipway.cloud.sagemaker.endpoints.documents import settings_of, variants
from slipway.cloud.service import Call, ServiceError, invalid
from slipway.numbers import whole

LIMIT = 100  # SLIPWAY_ENDPOINT_INSTANCES: a slip of the pen shall not fill the machine


def check(call: Call, instance_type: str, more: int) -> None:
    """Refuse more instances than the quota leaves; `more` may be negative."""
    limit, used = quota(os.environ), used_by(store.all_of(call))
    if more > 0 and used + more > limit:
        raise ServiceError(
            "ResourceLimitExceeded",
            f"The account-level service limit '{instance_type} for endpoint usage' is {limit} "
            f"Instances, with current utilization of {used} Instances and a request delta of {more} "
            "Instances. Please use AWS Service Quotas to request an increase for this quota. (In the "
            "local cloud it is the setting SLIPWAY_ENDPOINT_INSTANCES, of all types together.)",
        )


def check_config(call: Call, config: Mapping[str, Any]) -> None:
    """Refuse an endpoint whose configuration begins with more instances than the quota leaves."""
    counted = [each for each in settings_of(config) if "InitialInstanceCount" in each]
    if counted:
        more = sum(each["InitialInstanceCount"] for each in counted)
        check(call, counted[0]["InstanceType"], more)


def used_by(documents: Iterable[Mapping[str, Any]]) -> int:
    """Return how many instances endpoints want; those that have failed want none."""
    return sum(
        variant["DesiredInstanceCount"]
        for document in documents
        if document["EndpointStatus"] != "Failed"
        for variant in variants(document)
    )


def quota(environment: Mapping[str, str]) -> int:
    """Return the quota; ServiceError, which names the setting, when it is no number."""
    try:
        return whole(environment, "SLIPWAY_ENDPOINT_INSTANCES", LIMIT)
    except ValueError as error:
        raise invalid(str(error)) from error
