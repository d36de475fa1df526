"""The operations on templates themselves."""

from typing import Any

from slipway.cloud.cloudformation.stacks import acting, existing, store_of
from slipway.cloud.cloudformation.store import CHANGE_SET
from slipway.cloud.cloudformation.template import Template, parse
from slipway.cloud.cloudformation.text import TemplateError
from slipway.cloud.cloudformation.wanted import invalid, needed_capabilities, text_of
from slipway.cloud.service import Call, ServiceError

WHY = "The following resource(s) require capabilities: [{}]"


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a stack's or a change set's template (GetTemplate)."""
    store = store_of(call)
    stages = {"StagesAvailable": ["Original", "Processed"]}
    if "StackName" not in request:
        raise invalid("StackName is required")
    stack = existing(store, request["StackName"])
    if "ChangeSetName" in request:
        name = request["ChangeSetName"].split("/")[1:2] or [request["ChangeSetName"]]
        found = store.kept(CHANGE_SET, stack.id).get(name[0])
        if not found:
            raise ServiceError(
                "ChangeSetNotFound", f"ChangeSet [{request['ChangeSetName']}] does not exist", 404
            )
        return {"TemplateBody": found["version"]["template"], **stages}
    if stack.status == "REVIEW_IN_PROGRESS":
        return stages  # it has none yet
    return {"TemplateBody": stack.version.template, **stages}


def parsed(call: Call, request: dict[str, Any]) -> Template:
    """Return the template that a request gives; ServiceError where it cannot be read."""
    try:
        return parse(text_of(request, acting(call, "")))
    except TemplateError as error:
        raise invalid(str(error)) from error


def validate(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Check a template's form (ValidateTemplate)."""
    template = parsed(call, request)
    shown = parameters(template)
    for each in shown:
        for absent in ("ParameterType", "ParameterConstraints"):
            each.pop(absent, None)
    return {
        "Parameters": shown,
        "Description": template.description or None,
        "DeclaredTransforms": list(template.transforms),
        **capabilities(template),
    }


def summarize(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return what a template, or a stack's, asks for and makes (GetTemplateSummary)."""
    if "StackName" in request:
        text = existing(store_of(call), request["StackName"]).version.template
        template = parse(text)
    else:
        template = parsed(call, request)
    return {
        "Parameters": parameters(template),
        "Description": template.description or None,
        "ResourceTypes": sorted({each.type for each in template.resources.values()}),
        "Version": "2010-09-09",
        "DeclaredTransforms": list(template.transforms),
        **capabilities(template),
    }


def capabilities(template: Template) -> dict[str, Any]:
    """Return the capabilities that a template needs."""
    needed, of = needed_capabilities(template)
    if not needed:
        return {"Capabilities": []}
    return {"Capabilities": needed, "CapabilitiesReason": WHY.format(", ".join(of))}


def parameters(template: Template) -> list[dict[str, Any]]:
    """Return a template's parameters."""
    found = []
    for name, each in template.parameters.items():
        shown = {
            "ParameterKey": name,
            "DefaultValue": None if "Default" not in each else str(each["Default"]),
            "ParameterType": str(each.get("Type", "")),
            "NoEcho": str(each.get("NoEcho", "false")).lower() == "true",
            "Description": each.get("Description"),
        }
        if "AllowedValues" in each:
            allowed = [str(value) for value in each["AllowedValues"]]
            shown["ParameterConstraints"] = {"AllowedValues": allowed}
        found.append(shown)
    return found
