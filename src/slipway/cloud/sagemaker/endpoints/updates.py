"""Updates of an endpoint: another configuration, released under guardrails."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.autoscaling import targets
from slipway.cloud.cloudwatch import alarms
from slipway.cloud.coverage import Coverage
from slipway.cloud.hosting import release
from slipway.cloud.sagemaker.endpoints import lives, quota, releases, store
from slipway.cloud.sagemaker.endpoints import release_documents as progress
from slipway.cloud.sagemaker.endpoints import update_rules as rules
from slipway.cloud.sagemaker.endpoints.configs import found as config_of
from slipway.cloud.sagemaker.endpoints.documents import Document, variants
from slipway.cloud.sagemaker.hosted_models import models_of
from slipway.cloud.sagemaker.inference_components.store import of_endpoint
from slipway.cloud.sagemaker_runtime import notices
from slipway.cloud.service import Call, Operation, invalid


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to release another configuration (UpdateEndpoint)."""
    for problem in rules.request_problems(request):
        raise invalid(problem)

    def prepare(document: Document, now: str) -> None:
        # AWS looks for the old configuration too, though the endpoint serves without it.
        config_of(call, document["EndpointConfigName"])
        new = config_of(call, request["EndpointConfigName"])
        deployment = deployment_of(request, document)
        for problem in problems(call, document, new, deployment):
            raise invalid(problem)
        live = variants(document)
        pending = progress.prepare(document, new, models_of(call, new), deployment, now)
        rules.retain(request, live, pending)
        for problem in rules.deployment_problems(deployment, document["Config"], new, pending):
            raise invalid(problem)
        more = sum(each["DesiredInstanceCount"] for each in pending) - quota.used_by([document])
        quota.check(call, new["ProductionVariants"][0].get("InstanceType", "serverless"), more)
        progress.show_first(document, deployment, now)

    notices.announce(call, config_of(call, request["EndpointConfigName"]))
    document = store.begin(call, request["EndpointName"], prepare)
    lives.begin(call, request["EndpointName"], releases.begin)
    return {"EndpointArn": document["EndpointArn"]}


def problems(
    call: Call, document: Document, new: Mapping[str, Any], deployment: Mapping[str, Any]
) -> Iterator[str]:
    """Yield why an endpoint cannot have another configuration, or not in this way."""
    name, old = document["EndpointName"], document["Config"]
    yield from rules.config_problems(name, old, new)
    components = of_endpoint(call, name)
    used = {each["InferenceComponentName"]: each["VariantName"] for each in components}
    yield from rules.component_problems(new, used)
    scaled = [
        each["VariantName"]
        for each in old["ProductionVariants"]
        if targets.registered(call.cloud, call.region, name, each["VariantName"])
    ]
    yield from rules.scaling_problems(old, new, scaled)
    for alarm in release.alarms(deployment):
        if not alarms.exists(call.cloud, call.region, alarm):
            yield f"Alarm {alarm} of AutoRollbackConfiguration does not exist; create it first."


def deployment_of(request: dict[str, Any], document: Document) -> dict[str, Any]:
    """Return the guardrails of an update: those given, the last ones, or none."""
    last = document.get("LastDeploymentConfig", {}) if request.get("RetainDeploymentConfig") else {}
    found: dict[str, Any] = request.get("DeploymentConfig") or last
    return found


OPERATIONS: dict[str, Operation] = {"UpdateEndpoint": update}
COVERAGE = {
    "UpdateEndpoint": Coverage(
        limited={
            "ExcludeRetainedVariantProperties[].VariantPropertyType": "DesiredInstanceCount and "
            "DesiredWeight, as on AWS"
        },
        behaves={
            "DeploymentConfig": "how the release goes; shown as LastDeploymentConfig",
            "RetainAllVariantProperties": "live counts and weights stay",
            "RetainDeploymentConfig": "the last DeploymentConfig is used again",
        },
    ),
}
