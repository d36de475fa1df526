"""What an environment costs while nothing happens, from its templates and a dated price file.

`python -m infra.costs` writes `docs/costs.md`. At rest means: deployed, no data stored, no job, query
or function runs. What is stored and what runs costs more; the table names by what.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRICES = ROOT / "infra" / "prices-2026-11.json"
PAGE = ROOT / "docs" / "costs.md"
Resource = Mapping[str, Any]


class NoPrice(Exception):
    """A resource type of which the price file says nothing."""


@dataclass(frozen=True)
class Line:
    """What resources of one type cost at rest."""

    what: str  # "an interface endpoint in one zone"
    count: int
    usd: float  # a month, all of them


def at_rest(templates: Sequence[Mapping[str, Any]], prices: Mapping[str, Any]) -> list[Line]:
    """Return what the resources of templates cost a month, dearest first. Pure."""
    counts: Counter[str] = Counter()
    for template in templates:
        for resource in template["Resources"].values():
            if priced(resource["Type"], prices):
                counts[resource["Type"]] += units(resource)
    lines = []
    for kind, count in counts.items():
        if count == 0:
            continue
        if kind in prices["hourly"]:
            usd, what = prices["hourly"][kind]
            lines.append(Line(what, count, count * usd * prices["hours"]))
        else:
            usd, what = prices["monthly"][kind]
            lines.append(Line(what, count, count * usd))
    return sorted(lines, key=lambda line: (-line.usd, line.what))


def priced(kind: str, prices: Mapping[str, Any]) -> bool:
    """Tell whether a type costs by itself; NoPrice when nobody has thought about it."""
    if kind in prices["hourly"] or kind in prices["monthly"]:
        return True
    if any(kind.startswith(prefix) for prefix in prices["nothing"]):
        return False
    raise NoPrice(f"{kind}: expected in {PRICES.name}, by the hour, by the month, or as nothing")


def units(resource: Resource) -> int:
    """Return how often a resource's price is paid."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::EC2::VPCEndpoint":
        return len(properties.get("SubnetIds", []))  # gateway endpoints have none, and no price
    return 1


def page(environments: Mapping[str, Sequence[Line]], prices: Mapping[str, Any]) -> str:
    """Return the page of the docs. Pure."""
    text = [
        "# What it costs while nothing happens",
        "",
        f"Made by `python -m infra.costs` from the templates and `infra/{PRICES.name}`: {prices['source']}; "
        f"{prices['region']}, {prices['date']}.",
        f"Deployed, with no data, no job, no query: US dollars a month of {prices['hours']} hours.",
        "",
        "| Environment | At rest, a month |",
        "|---|---:|",
    ]
    text += [f"| {name} | {total(lines):.2f} |" for name, lines in environments.items()]
    for name, lines in environments.items():
        text += ["", f"## {name}", "", "| What | Count | A month |", "|---|---:|---:|"]
        text += [f"| {line.what} | {line.count} | {line.usd:.2f} |" for line in lines]
    text += ["", "## What costs nothing at rest", "", "| Type | Because |", "|---|---|"]
    text += [f"| `{kind}` | {why} |" for kind, why in prices["nothing"].items()]
    return "\n".join(text) + "\n"


def total(lines: Sequence[Line]) -> float:
    """Return what all lines cost together."""
    return sum(line.usd for line in lines)


def read_prices() -> dict[str, Any]:
    """Return the price file."""
    prices: dict[str, Any] = json.loads(PRICES.read_text())
    return prices


def main() -> int:
    """Synthesize every environment and write the page."""
    import aws_cdk as cdk  # slow to import, and not needed to compute

    from infra.app import add_stacks
    from infra.settings.load import ENVIRONMENTS, load

    prices, found = read_prices(), {}
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    for name in ENVIRONMENTS:
        with TemporaryDirectory() as folder:
            app = cdk.App(outdir=folder, context=context, builtin_cloud_formation_validation=False)
            add_stacks(app, load(name))
            app.synth()
            templates = [
                json.loads(path.read_text()) for path in Path(folder).glob("*.template.json")
            ]
        found[name] = at_rest(templates, prices)
    PAGE.write_text(page(found, prices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
