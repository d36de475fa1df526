"""A template: its sections as plain data, checked for their form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from slipway.cloud.cloudformation.text import TemplateError, read

SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}
ATTRIBUTES = {
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}
EXTENSIONS = "AWS::LanguageExtensions"  # the one transform that the local cloud knows
DELETION = ("Delete", "Retain", "RetainExceptOnCreate")
REPLACEMENT = ("Delete", "Retain")


@dataclass(frozen=True)
class Definition:
    """One resource of a template."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...]
    condition: str
    deletion: str  # DeletionPolicy
    replacement: str  # UpdateReplacePolicy
    metadata: Any


@dataclass(frozen=True)
class Template:
    """A template's sections."""

    document: Mapping[str, Any]  # all of it
    description: str
    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    rules: Mapping[str, Any]
    resources: Mapping[str, Definition]
    outputs: Mapping[str, Any]
    transforms: tuple[str, ...] = field(default=())


@lru_cache(maxsize=64)
def parse(text: str) -> Template:
    """Return a template; TemplateError where its form is not CloudFormation's."""
    document = read(text)
    if unknown := sorted(document.keys() - SECTIONS):
        raise TemplateError(f"Invalid template property or properties [{', '.join(unknown)}]")
    if "Hooks" in document:
        raise TemplateError("The local cloud does not support the section Hooks; take it out")
    version = document.get("AWSTemplateFormatVersion", "2010-09-09")
    if str(version) != "2010-09-09":
        raise TemplateError(f"Template format error: {version} is not a supported value.")
    resources = section(document, "Resources")
    if not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    return Template(
        document,
        str(document.get("Description", "")),
        section(document, "Parameters"),
        section(document, "Mappings"),
        section(document, "Conditions"),
        section(document, "Rules"),
        {name: definition(name, found) for name, found in resources.items()},
        section(document, "Outputs"),
        transforms(document.get("Transform", [])),
    )


def section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a section, which is an object; TemplateError for another form."""
    found = document.get(name) or {}
    if not isinstance(found, dict):
        raise TemplateError(f"Template format error: {name} must be an object.")
    return found


def transforms(found: Any) -> tuple[str, ...]:
    """Return the names of a template's transforms; TemplateError for those that are not known."""
    names = tuple(found) if isinstance(found, list) else (found,)
    for name in names:
        if name != EXTENSIONS:
            raise TemplateError(
                f"The local cloud does not run the transform {name}; expand the template before (the "
                f"CDK needs none). It knows {EXTENSIONS} alone."
            )
    return names


def definition(name: str, found: Any) -> Definition:
    """Return one resource's definition; TemplateError where its form is not CloudFormation's."""
    if name.startswith("Fn::"):
        raise TemplateError(f"The local cloud does not support {name}; write the resources out")
    if not name.isalnum():
        raise TemplateError(
            f"Template format error: Resource name {name} is non alphanumeric.",
        )
    if not isinstance(found, dict):
        raise TemplateError("Template format error: Every Resources member must be an object.")
    where = f"the resource {name}"
    if not isinstance(found.get("Type"), str):
        raise TemplateError(
            "Template format error: Every Resources object must contain a Type member.",
        )
    if unknown := sorted(found.keys() - ATTRIBUTES):
        raise TemplateError(f"Invalid template resource property '{unknown[0]}' of {where}")
    for absent in ("CreationPolicy", "UpdatePolicy"):
        if found.get(absent):
            raise TemplateError(f"The local cloud does not support {absent} (of {where})")
    depends = found.get("DependsOn", [])
    return Definition(
        name,
        found["Type"],
        found.get("Properties") or {},
        tuple(depends) if isinstance(depends, list) else (depends,),
        found.get("Condition", ""),
        policy(found, "DeletionPolicy", DELETION, where),
        policy(found, "UpdateReplacePolicy", REPLACEMENT, where),
        found.get("Metadata"),
    )


def policy(found: Mapping[str, Any], name: str, known: tuple[str, ...], where: str) -> str:
    """Return a resource's policy; TemplateError for one that is not known."""
    value = found.get(name, "Delete")
    if value == "Snapshot":
        raise TemplateError(f"The local cloud makes no snapshots: {name} of {where} is Snapshot")
    if value not in known:
        raise TemplateError(f"Template error: {name} of {where} is {value!r}, not one of {known}")
    return str(value)
