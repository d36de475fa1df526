"""Write docs/cloudformation-types.md: the resource types, and which of their properties do what.

python scripts/cloudformation_types.py            write the page
python scripts/cloudformation_types.py --check    exit 1 when the page is not what the code says

The properties that a type has on AWS are those of the resource specification that cfn-lint carries.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import Own
from slipway.cloud.cloudformation.types import MODULES

PAGE = Path(__file__).parents[1] / "docs" / "cloudformation-types.md"
INTRODUCTION = """\
# The resource types of CloudFormation on the local cloud

<!-- Written by scripts/cloudformation_types.py from the code. Do not edit: `make coverage` writes it anew. -->

A resource is made, changed and removed by calls of its service's own API, with the credentials of the
stack's role or of the deployer. What the API then does of it stands in [coverage.md](coverage.md);
operations that are not there are moto's. A type that is not here fails the deploy by its name.

- **honored**: the property goes to the API as on AWS;
- **replaces**: changing it makes a new resource, as on AWS;
- **ignored**: the property is taken and has no effect, for the reason given;
- **refused**: the property fails the deploy, with the reason given. So does a property that AWS has and
  this page does not name, or that AWS does not have.
"""


@dataclass(frozen=True)
class Page:
    """A resource type as AWS specifies it."""

    properties: frozenset[str]
    create_only: frozenset[str]
    attributes: frozenset[str]


def kinds() -> dict[str, Declared | Own]:
    """Return all resource types that are declared, by name."""
    modules = sorted(set(MODULES.values()))
    return {
        kind.name: kind for module in modules for kind in getattr(import_module(module), "ALL", ())
    }


def specified(name: str) -> Page:
    """Return what AWS's resource specification says of a type."""
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema

    def of(key: str) -> frozenset[str]:
        paths = (path.removeprefix("/properties/") for path in schema.get(key, []))
        return frozenset(path for path in paths if "/" not in path)

    shown = of("readOnlyProperties")
    return Page(frozenset(schema["properties"]) - shown, of("createOnlyProperties"), shown)


def honored(kind: Declared | Own) -> frozenset[str]:
    """Return the properties of the specification that a type honors."""
    taken = {name.lower() for name in kind.honored()}
    other = {*kind.ignored, *kind.refused}
    return frozenset(
        name
        for name in specified(kind.name).properties
        if name.lower() in taken and name not in other
    )


def section(kind: Declared | Own) -> Iterator[str]:
    """Yield the lines about one type."""
    yield f"### {kind.name}\n"
    if kind.note:
        yield f"{kind.note[0].upper()}{kind.note[1:]}.\n"
    if names := sorted(honored(kind)):
        replacing = kind.replacing
        listed = (f"`{name}`" + (" (replaces)" if name in replacing else "") for name in names)
        yield "Honored: " + ", ".join(listed) + ".\n"
    rows = [(name, "ignored", why) for name, why in kind.ignored.items()]
    rows += [(name, "refused", why) for name, why in kind.refused.items()]
    if rows:
        yield "| Property | What happens | Why |\n|---|---|---|"
        yield from (f"| `{name}` | {what} | {why} |" for name, what, why in sorted(rows))
        yield ""


def page() -> str:
    """Return the page's text."""
    found = kinds()
    lines = [INTRODUCTION]
    service = ""
    for name in sorted(found):
        if (of := name.split("::")[1]) != service:
            service = of
            lines.append(f"\n## {service}\n")
        lines += section(found[name])
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if PAGE.read_text() != page():
            sys.exit(f"{PAGE} is stale: run `make coverage`")
    else:
        PAGE.write_text(page())
