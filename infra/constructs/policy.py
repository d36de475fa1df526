"""Statements of policies: each `*` in one has its reason beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

# In a resource's metadata: the Sid of each statement with a `*`, and why it is there.
REASONS = "slipway:wildcards"


@dataclass(frozen=True)
class Allow:
    """One statement that allows, as it stands in the policy."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""  # why there is a `*` in its actions or resources
    principals: Sequence[iam.IPrincipal] | None = None  # in a resource's policy: whom it allows

    def statement(self) -> iam.PolicyStatement:
        """Return the statement as the CDK has it."""
        return iam.PolicyStatement(
            sid=self.sid,
            principals=self.principals,
            actions=sorted(self.actions),
            resources=list(self.resources),
            conditions=dict(self.conditions),
        )


def explain(resource: cdk.CfnResource, reasons: Mapping[str, str]) -> None:
    """Write down why statements (by Sid) have a `*`, in the metadata of the resource."""
    known = resource.get_metadata(REASONS) or {}
    resource.add_metadata(REASONS, {**known, **{sid: why for sid, why in reasons.items() if why}})


def wildcards(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (Sid, `Action::…` or `Resource::…`) for each `*` of a statement that allows.

    The texts are cdk-nag's names of its findings: references as `<LogicalId.Attribute>`.
    """
    for statement in listed(document.get("Statement")):
        if statement.get("Effect") != "Allow":
            continue
        for kind in ("Action", "Resource"):
            for value in listed(statement.get(kind)):
                text = flat(value)
                if "*" in text:
                    yield statement.get("Sid", ""), f"{kind}::{text}"


def flat(value: Any) -> str:
    """Return a value of a template as one line: references as `<LogicalId.Attribute>`."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(flat(part) for part in parts)
        case {"Fn::Sub": text} | {"Fn::ImportValue": text}:
            return flat(text)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{flat(resource)}.{flat(attribute)}>"
        case {"Ref": name}:
            return f"<{name}>"
        case _:
            return str(value)


def listed(value: Any) -> Iterable[Any]:
    """Return what a policy may give as one or as a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
