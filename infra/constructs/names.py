"""Names that we give: no two resources of a type may have the same one. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.constructs.policy import flat


def clashes(templates: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each name that two resources of one type have; `templates` by stack."""
    owners: dict[tuple[str, str], str] = {}
    for stack, template in templates.items():
        for logical_id, resource in template["Resources"].items():
            if (name := given_name(resource)) is None:
                continue
            owner = f"{stack}/{logical_id}"
            first = owners.setdefault((resource["Type"], name), owner)
            if first != owner:
                yield (
                    f"{resource['Type']} {name!r}: expected one resource of this name, found {first} "
                    f"and {owner}; rename one"
                )


def given_name(resource: Mapping[str, Any]) -> str | None:
    """Return the name that a template gives a resource, None where CloudFormation makes one."""
    properties = resource.get("Properties", {})
    for key in (f"{resource['Type'].split('::')[-1]}Name", "Name"):
        if key in properties:
            return flat(properties[key])
    return None
