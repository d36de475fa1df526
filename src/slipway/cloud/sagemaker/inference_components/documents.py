"""Inference components as they are kept, and as DescribeInferenceComponent shows them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.hosting.placement import Need
from slipway.cloud.sagemaker.endpoints.documents import LONGEST, timed

Document = dict[str, Any]

# Hidden members: the model, resolved; the copies that have a place on the endpoint's instances; the
# specification and model of an update, while it goes on; that it served, and did not start again
HIDDEN = ("Model", "Placed", "Next", "Lost")
IN_PROGRESS = ("Creating", "Updating", "Deleting")
SUMMARY = (
    *("InferenceComponentName", "InferenceComponentArn", "InferenceComponentStatus"),
    *("EndpointName", "EndpointArn", "VariantName", "CreationTime", "LastModifiedTime"),
)


def problems(specification: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a component's specification."""
    if ("ModelName" in specification) == ("Container" in specification):
        yield "Expected exactly one of ModelName and Container in the Specification."
    if "Image" not in specification.get("Container", {"Image": ""}):
        yield "Specification.Container needs an Image."
    requirements = specification.get("ComputeResourceRequirements")
    if requirements is None:
        yield "Specification.ComputeResourceRequirements must be given."
        return
    least, most = requirements["MinMemoryRequiredInMb"], requirements.get("MaxMemoryRequiredInMb")
    if most is not None and most < least:
        yield f"MaxMemoryRequiredInMb {most} is below MinMemoryRequiredInMb {least}."


def new(
    endpoint: Mapping[str, Any],
    variant: str,
    name: str,
    arn: str,
    specification: Mapping[str, Any],
    model: Mapping[str, Any],
    copies: int,
    now: str,
) -> Document:
    """Return the document of a component that begins to be created. `now` is an ISO time."""
    return {
        "InferenceComponentName": name,
        "InferenceComponentArn": arn,
        "EndpointName": endpoint["EndpointName"],
        "EndpointArn": endpoint["EndpointArn"],
        "VariantName": variant,
        "Specification": described(specification, model, now),
        "RuntimeConfig": {"DesiredCopyCount": copies, "CurrentCopyCount": 0},
        "CreationTime": now,
        "LastModifiedTime": now,
        "InferenceComponentStatus": "Creating",
        "Model": dict(model),
        "Placed": 0,
    }


def described(
    specification: Mapping[str, Any], model: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """Return a specification as Describe shows it: a container's image with its digest."""
    found = dict(specification)
    if container := specification.get("Container"):
        image = {"SpecifiedImage": container["Image"], "ResolutionTime": now}
        image["ResolvedImage"] = model["Containers"][0].get("ResolvedImage")
        rest = {member: value for member, value in container.items() if member != "Image"}
        found["Container"] = rest | {"DeployedImage": image}
    return found


def container_model(name: str, container: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model that a specification's container comes down to."""
    found = {"Image": container["Image"], "Environment": container.get("Environment", {})}
    if "ArtifactUrl" in container:
        found["ModelDataUrl"] = container["ArtifactUrl"]
    return {"ModelName": name, "Containers": [found], "Primary": True}


def need(document: Mapping[str, Any], copies: int) -> Need:
    """Return what copies of a component need."""
    specification = document.get("Next", document)["Specification"]
    requirements = specification["ComputeResourceRequirements"]
    return Need(
        document["InferenceComponentName"],
        copies,
        requirements.get("NumberOfCpuCoresRequired", 0.0),
        requirements["MinMemoryRequiredInMb"],
    )


def settings(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a component as a variant's settings, from which its copies are started."""
    specification = document["Specification"]
    return {
        "VariantName": document["VariantName"],
        "InferenceComponentName": document["InferenceComponentName"],
        "ComputeResourceRequirements": specification["ComputeResourceRequirements"],
        **specification.get("StartupParameters", {}),
    }


def adopt(document: Document) -> None:
    """Put the specification of an update in the place of the old one."""
    document |= document.pop("Next", {})


def settle(document: Document, now: str) -> None:
    """Write that all desired copies run."""
    runtime = document["RuntimeConfig"]
    runtime["CurrentCopyCount"] = document["Placed"] = runtime["DesiredCopyCount"]
    document.pop("Lost", None)
    enter(document, "InService", now)


def lose(document: Document, now: str, reason: str) -> None:
    """Write that what served did not start again; the next start of the cloud tries it once more."""
    document["Lost"] = True
    enter(document, "Failed", now, reason)


def undo(document: Document, now: str, reason: str) -> None:
    """Write that a component serves as it did before an update that failed, or that none of it runs."""
    document.pop("Next", None)
    runtime = document["RuntimeConfig"]
    document["Placed"] = runtime["CurrentCopyCount"]
    created = document["InferenceComponentStatus"] != "Creating"
    if created:
        runtime["DesiredCopyCount"] = runtime["CurrentCopyCount"]
    enter(document, "InService" if created else "Failed", now, reason)


def enter(document: Document, status: str, now: str, reason: str = "") -> None:
    """Write that a component has another status; what failed before is over."""
    document.pop("FailureReason", None)
    document["InferenceComponentStatus"] = status
    document["LastModifiedTime"] = now
    if reason:
        document["FailureReason"] = reason[:LONGEST]


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DescribeInferenceComponent answers."""
    found: dict[str, Any] = timed({k: v for k, v in document.items() if k not in HIDDEN})
    return found


def listed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ListInferenceComponents shows."""
    found: dict[str, Any] = timed({member: document[member] for member in SUMMARY})
    return found
