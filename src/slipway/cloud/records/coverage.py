"""What the operations of records do less than AWS, told from their declarations. Pure."""

from dataclasses import replace

from slipway.cloud.coverage import NOTHING, Coverage
from slipway.cloud.json_protocol import service_model
from slipway.cloud.records.answers import listing
from slipway.cloud.records.kind import Kind


def coverage(*kinds: Kind) -> dict[str, Coverage]:
    """Return what the operations do less than AWS: of most members, nothing but to show them."""
    found: dict[str, Coverage] = {}
    for kind in kinds:
        found |= kind.coverage
        for verb in set(kind.verbs()) & {"Create", "Update"}:
            name = kind.operation(verb)
            found[name] = of_members(kind, name, kind.coverage.get(name, NOTHING))
        name = kind.operation("List")
        found[name] = of_filters(kind, name, kind.coverage.get(name, NOTHING))
    return found


def of_members(kind: Kind, operation: str, own: Coverage) -> Coverage:
    """Return the coverage of an operation in which each member is declared, or has no effect."""
    members = service_model(kind.service).operation_model(operation).input_shape.members
    tables = (own.refused, own.limited, own.not_honored, own.behaves)
    declared = {path.partition(".")[0].removesuffix("[]") for table in tables for path in table}
    silent = [m for m in members if m not in {*declared, *kind.key, kind.title, kind.tags}]
    tagged = {kind.tags: "shown with the resource's tags"} if kind.tags in members else {}
    return replace(
        own,
        not_honored=dict.fromkeys(silent, kind.why) | dict(own.not_honored),
        behaves=tagged | dict(own.behaves),
    )


def of_filters(kind: Kind, operation: str, own: Coverage) -> Coverage:
    """Return the coverage of a List operation: what its filters do."""
    filters = listing(kind, service_model(kind.service).operation_model(operation)).equal
    behaves = {name: "lists those that have this value" for name in filters}
    return replace(own, behaves={n: why for n, why in behaves.items() if n not in own.refused})
