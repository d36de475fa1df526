"""How many instances a serving endpoint's variants have, and their parts of the traffic."""

from typing import Any

from slipway.cloud.hosting.placement import TooLarge
from slipway.cloud.sagemaker.endpoints import documents, events, lives, quota, store
from slipway.cloud.sagemaker.inference_components.store import instances, of_endpoint
from slipway.cloud.sagemaker_runtime import notices
from slipway.cloud.service import Call, Operation, invalid


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to change counts and weights, not the configuration (UpdateEndpointWeightsAndCapacities)."""
    wishes = request["DesiredWeightsAndCapacities"]
    check_components(call, request["EndpointName"], wishes)

    def wish(document: documents.Document, now: str) -> None:
        before = quota.used_by([document])
        for change in wishes:
            desire(document, change, now)
        settings = document["Config"]["ProductionVariants"][0]
        more = quota.used_by([document]) - before
        quota.check(call, settings.get("InstanceType", "serverless"), more)

    notices.announce(call, store.found(call, request["EndpointName"])["Config"])
    with call.cloud.state.transaction():
        document = store.begin(call, request["EndpointName"], wish)
        events.deployment_published(call, document)
    lives.begin(call, request["EndpointName"], lives.resize)
    return {"EndpointArn": document["EndpointArn"]}


def check_components(call: Call, name: str, wishes: list[dict[str, Any]]) -> None:
    """Refuse fewer instances than the endpoint's inference components need."""
    hosted = of_endpoint(call, name)
    counts = [each["DesiredInstanceCount"] for each in wishes if "DesiredInstanceCount" in each]
    if hosted and counts:
        try:
            needed = instances(call, store.found(call, name))
        except TooLarge as error:
            raise invalid(str(error)) from error
        if min(counts) < needed:
            raise invalid(
                f"DesiredInstanceCount must be at least {needed}: the copies of the endpoint's "
                "inference components need so many instances."
            )


def desire(document: documents.Document, change: dict[str, Any], now: str) -> None:
    """Write what a variant shall have; ServiceError when it cannot have it."""
    name = change["VariantName"]
    summary = documents.find(documents.variants(document), name)
    if summary is None:
        names = ", ".join(each["VariantName"] for each in documents.variants(document))
        raise invalid(
            f'Endpoint "{document["EndpointArn"]}" has no variant {name}; it has {names}.'
        )
    if "DesiredWeight" in change:
        summary["DesiredWeight"] = change["DesiredWeight"]
    if "DesiredInstanceCount" in change:
        count(document, summary, change["DesiredInstanceCount"], now)
    if "ServerlessUpdateConfig" in change:
        serverless(summary, change["ServerlessUpdateConfig"])


def count(document: documents.Document, summary: documents.Summary, wanted: int, now: str) -> None:
    """Write how many instances a variant shall have; none only where requests can wait for them."""
    name = summary["VariantName"]
    if "CurrentServerlessConfig" in summary:
        raise invalid(f"Variant {name} is serverless: it has no instance count.")
    without_model = "DeployedImages" not in summary
    if wanted == 0 and not without_model and "AsyncInferenceConfig" not in document:
        raise invalid(
            f"DesiredInstanceCount of variant {name} must be at least 1: only asynchronous endpoints "
            "and those of inference components can have no instance."
        )
    summary["DesiredInstanceCount"] = wanted
    there = summary["CurrentInstanceCount"]
    if wanted > there:
        message = f"Scaling out desired instance count to {wanted}."
        documents.say(summary, "Updating", message, now)
    elif wanted < there:
        documents.say(summary, "Deleting", f"Terminating {there - wanted} instance(s).", now)


def serverless(summary: documents.Summary, change: dict[str, Any]) -> None:
    """Write what a serverless variant's concurrency shall be."""
    name, current = summary["VariantName"], summary.get("CurrentServerlessConfig")
    if current is None:
        raise invalid(f"Variant {name} is not serverless.")
    new = current | change
    if new.get("ProvisionedConcurrency", 0) > new["MaxConcurrency"]:
        raise invalid(
            f"ProvisionedConcurrency {new['ProvisionedConcurrency']} of variant {name} must not be "
            f"above its MaxConcurrency {new['MaxConcurrency']}."
        )
    summary["DesiredServerlessConfig"] = new


OPERATIONS: dict[str, Operation] = {"UpdateEndpointWeightsAndCapacities": update}
