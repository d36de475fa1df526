"""IAM policy documents as data. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.cloud.iam.conditions import OPERATORS, split

VERSIONS = ("2008-10-17", "2012-10-17")
PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
MEMBERS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
}


class MalformedPolicy(Exception):
    """A document that IAM would not take."""


@dataclass(frozen=True)
class Condition:
    """One line of a Condition block: the operator, the key, and the values it is compared with."""

    operator: str  # "ForAnyValue:StringLikeIfExists"
    key: str  # its case does not matter
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; a member that the document does not have is None."""

    allows: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Mapping[str, tuple[str, ...]] | None  # {"AWS": …, "Service": …}
    not_principals: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Policy:
    """A policy and where it comes from."""

    name: str  # SourcePolicyId
    kind: str  # SourcePolicyType: user, group, role, aws-managed, user-managed, resource, none
    variables: bool  # policy variables exist since version 2012-10-17
    statements: tuple[Statement, ...]


def parse(document: str | Mapping[str, Any], name: str, kind: str) -> Policy:
    """Read a policy: JSON text or what it says.

    Raises:
        MalformedPolicy: It is not JSON, or not a policy; the text says what is wrong where.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise MalformedPolicy(f"{name}: not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise MalformedPolicy(f"{name}: expected a JSON object")
    version = document.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise MalformedPolicy(f"{name}: Version must be one of {VERSIONS}, found {version!r}")
    if unknown := document.keys() - {"Version", "Id", "Statement"}:
        raise MalformedPolicy(f"{name}: unknown element {sorted(unknown)}")
    listed = document.get("Statement")
    listed = listed if isinstance(listed, list) else [listed]
    statements = tuple(
        statement(found, f"{name}, statement {position}", bears_principal=kind == "resource")
        for position, found in enumerate(listed, 1)
    )
    return Policy(name, kind, version == VERSIONS[1], statements)


def statement(found: Any, where: str, bears_principal: bool) -> Statement:
    """Read one statement; MalformedPolicy where IAM would not take it."""
    if not isinstance(found, Mapping):
        raise MalformedPolicy(f"{where}: expected a JSON object")
    if unknown := found.keys() - MEMBERS:
        raise MalformedPolicy(f"{where}: unknown element {sorted(unknown)}")
    if found.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{where}: Effect must be Allow or Deny")
    pairs = [("Action", "NotAction", True), ("Resource", "NotResource", not bears_principal)]
    pairs.append(("Principal", "NotPrincipal", bears_principal))
    for one, other, needed in pairs:
        if one in found and other in found:
            raise MalformedPolicy(f"{where}: {one} and {other} exclude each other")
        if needed and one not in found and other not in found:
            raise MalformedPolicy(f"{where}: needs {one} or {other}")
    if not bears_principal and ("Principal" in found or "NotPrincipal" in found):
        raise MalformedPolicy(f"{where}: an identity's policy names no principal")
    return Statement(
        found["Effect"] == "Allow",
        strings(found, "Action", where),
        strings(found, "NotAction", where),
        strings(found, "Resource", where),
        strings(found, "NotResource", where),
        principals(found.get("Principal"), where),
        principals(found.get("NotPrincipal"), where),
        conditions(found.get("Condition", {}), where),
    )


def strings(found: Mapping[str, Any], member: str, where: str) -> tuple[str, ...] | None:
    """Return a member that is a string or a list of them; None where it is absent."""
    return texts(found[member], f"{where}: {member}") if member in found else None


def texts(value: Any, where: str) -> tuple[str, ...]:
    """Return one or more strings, numbers and booleans as the strings they stand for."""
    listed = value if isinstance(value, list) else [value]
    if any(not isinstance(one, str | bool | int | float) for one in listed):
        raise MalformedPolicy(f"{where}: expected a string or a list of strings")
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)


def principals(found: Any, where: str) -> Mapping[str, tuple[str, ...]] | None:
    """Return a Principal block by type; `"*"` alone is everyone."""
    if found is None:
        return None
    if found == "*":
        return {"*": ("*",)}
    if not isinstance(found, Mapping) or not found.keys() <= set(PRINCIPALS):
        raise MalformedPolicy(f'{where}: Principal must be "*" or have {", ".join(PRINCIPALS)}')
    return {kind: texts(names, f"{where}: Principal") for kind, names in found.items()}


def conditions(found: Any, where: str) -> tuple[Condition, ...]:
    """Return the lines of a Condition block."""
    if not isinstance(found, Mapping):
        raise MalformedPolicy(f"{where}: Condition must be a JSON object")
    lines = []
    for operator, keys in found.items():
        if split(operator)[1] not in OPERATORS or not isinstance(keys, Mapping):
            raise MalformedPolicy(f"{where}: unknown condition operator {operator!r}")
        for key, values in keys.items():
            lines.append(Condition(operator, key, texts(values, f"{where}: {key}")))
    return tuple(lines)
