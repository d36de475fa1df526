"""What an endpoint's document says while a release goes on, in AWS's words. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from slipway.cloud.hosting.release import (
    Action,
    Bake,
    Counts,
    Provision,
    Shift,
    Stand,
    Terminate,
    begin,
    plan,
)
from slipway.cloud.sagemaker.endpoints import documents
from slipway.cloud.sagemaker.endpoints.documents import Document, Summary

PENDING = "PendingDeploymentSummary"
UPDATE = "Update"  # the hidden member: Config, Models, Deployment, StartTime; Reason, Final


def prepare(
    document: Document,
    config: Mapping[str, Any],
    models: Mapping[str, Any],
    deployment: Mapping[str, Any],
    now: str,
) -> list[Summary]:
    """Write that a release begins; return the summaries of the variants to come."""
    document[PENDING] = documents.pending(config, models, now)
    document[UPDATE] = {
        "Config": dict(config),
        "Models": dict(models),
        "Deployment": dict(deployment),
        "StartTime": now,
    }
    if deployment:
        document["LastDeploymentConfig"] = dict(deployment)
    return documents.variants(document[PENDING])


def sizes(summaries: list[Summary]) -> Counts:
    """Return the instances that variants are to have; a serverless one counts as one."""
    return {
        summary["VariantName"]: 1 if serverless(summary) else summary["DesiredInstanceCount"]
        for summary in summaries
    }


def show_first(document: Document, deployment: Mapping[str, Any], now: str) -> None:
    """Write what a release that was prepared does first."""
    old, new = sizes(documents.variants(document)), sizes(documents.variants(document[PENDING]))
    first = plan(old, new, deployment)[0]
    show(document, first, begin(old, new), now)


def show(document: Document, action: Action, stand: Stand, now: str) -> None:
    """Write what is being done, and what there is before it is done."""
    old, new = documents.variants(document), documents.variants(document[PENDING])
    for summary in (*old, *new):
        summary.pop("VariantStatus", None)
    for summary in new:
        name = summary["VariantName"]
        summary["CurrentWeight"] = summary["DesiredWeight"] * stand.parts.get(name, 0.0)
        counted(summary, stand.new)
    for summary in old:
        moved = stand.parts.get(summary["VariantName"], 0.0)
        summary["CurrentWeight"] = summary["DesiredWeight"] * (1 - moved)
        counted(summary, stand.old)
    match action:
        case Provision(side, counts):
            there = stand.new if side == "new" else stand.old
            launch(new if side == "new" else old, there, counts, now)
        case Terminate(side, counts):
            there = stand.new if side == "new" else stand.old
            terminate(new if side == "new" else old, there, counts, now)
        case Shift(parts):
            activate(new, old, parts, now)
        case Bake(seconds, wait):
            for summary in new:
                enabled = capacity(summary, stand.parts)
                text = (
                    f"Baking for {seconds:.0f} seconds ({wait}) with traffic enabled on {enabled}."
                )
                documents.say(summary, "Baking", text, now)


def launch(summaries: list[Summary], there: Counts, counts: Counts, now: str) -> None:
    """Write which instances start."""
    for summary in summaries:
        name = summary["VariantName"]
        if more := counts.get(name, 0) - there.get(name, 0):
            documents.say(summary, "Creating", f"Launching {more} instance(s).", now)


def terminate(summaries: list[Summary], there: Counts, counts: Counts, now: str) -> None:
    """Write which instances end."""
    for summary in summaries:
        name = summary["VariantName"]
        if fewer := there.get(name, 0) - counts.get(name, 0):
            documents.say(summary, "Deleting", f"Terminating {fewer} instance(s).", now)


def activate(new: list[Summary], old: list[Summary], parts: Mapping[str, float], now: str) -> None:
    """Write where traffic goes; when it goes back, it is the old variants that get it."""
    back = not any(parts.values())
    for summary in old if back else new:
        whole = dict.fromkeys((summary["VariantName"],), 1.0)
        text = f"Activating traffic on {capacity(summary, whole if back else parts)}."
        documents.say(summary, "ActivatingTraffic", text, now)


def capacity(summary: Summary, parts: Mapping[str, float]) -> str:
    """Return what part of a variant takes traffic, as AWS says it."""
    part = parts.get(summary["VariantName"], 0.0)
    count = 1 if serverless(summary) else summary["DesiredInstanceCount"]
    size = math.ceil(round(part * count, 9))
    return f"{'full' if part == 1 else 'canary'} capacity of {size} instance(s)"


def finish(document: Document, now: str) -> None:
    """Write that the new configuration serves, with the counts and weights that were wanted."""
    update, wanted = document[UPDATE], documents.variants(document[PENDING])
    documents.adopt(document, update["Config"], update["Models"], now)
    for summary in documents.variants(document):
        if found := documents.find(wanted, summary["VariantName"]):
            summary["DesiredInstanceCount"] = found["DesiredInstanceCount"]
            summary["DesiredWeight"] = found["DesiredWeight"]


def finish_interrupted(document: Document, now: str) -> None:
    """Write that the new configuration is what serves, though its instances have yet to start again."""
    finish(document, now)
    document.pop(PENDING, None)
    document.pop(UPDATE, None)


def remain(document: Document, there: Counts) -> None:
    """Write that nothing but what there is of the old configuration serves."""
    for summary in documents.variants(document):
        summary.pop("VariantStatus", None)
        summary["CurrentWeight"] = summary["DesiredWeight"]
        counted(summary, there)


def counted(summary: Summary, counts: Counts) -> None:
    """Write how many instances of a variant there are."""
    if not serverless(summary):
        summary["CurrentInstanceCount"] = counts.get(summary["VariantName"], 0)


def serverless(summary: Mapping[str, Any]) -> bool:
    """Tell whether a variant has no instances of its own."""
    return "CurrentServerlessConfig" in summary or "DesiredServerlessConfig" in summary
