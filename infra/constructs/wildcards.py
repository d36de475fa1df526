"""The IAM lint: in every synthesis, each `*` of a policy has its reason, or the synthesis fails."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from infra.constructs.policy import REASONS, wildcards

RULE = "every-wildcard-has-a-reason"


@jsii.implements(cdk.IPolicyValidationPlugin)
class WildcardReasons:
    """Report what has no reason; acknowledge to cdk-nag, in the same words, what has one."""

    def __init__(self, app: cdk.App) -> None:
        self._app = app

    @property
    def name(self) -> str:
        """Return the plugin's name in the report."""
        return "slipway-iam"

    @property
    def version(self) -> str:
        """Return the plugin's version."""
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        """Return the one rule."""
        return [RULE]

    def validate(self, context: Any) -> cdk.PolicyValidationPluginReport:
        """Read the templates that were just written; called by the CDK before cdk-nag is."""
        found = []
        for path in context.template_paths:
            template = json.loads(Path(path).read_text())
            for logical_id, sid, finding in unexplained(template):
                found.append(violation(str(path), logical_id, sid, finding))
        for construct in self._app.node.find_all():
            if isinstance(construct, (iam.CfnManagedPolicy, iam.CfnPolicy)):
                acknowledge_explained(construct)
        return cdk.PolicyValidationPluginReport(success=not found, violations=found)


def violation(path: str, logical_id: str, sid: str, finding: str) -> cdk.PolicyViolation:
    """Return the report's entry for one `*` without a reason."""
    return cdk.PolicyViolation(
        description=f"Statement {sid or '(no Sid)'} has {finding}: expected the reason for its `*` "
        "beside it, Allow(…, why=…) or explain(…)",
        rule_name=RULE,
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=logical_id, template_path=path, locations=["Properties"]
            )
        ],
        severity="error",
    )


def unexplained(template: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (logical id, Sid, finding) of each `*` that has no reason. Pure."""
    for logical_id, resource in template.get("Resources", {}).items():
        reasons = resource.get("Metadata", {}).get(REASONS, {})
        for document in documents(resource):
            for sid, finding in wildcards(document):
                if sid not in reasons:
                    yield logical_id, sid, finding


def documents(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the policies in a resource's properties, however deep. Pure.

    In a key's policy `Resource: *` is that key, so it is no wildcard.
    """
    if resource["Type"] == "AWS::KMS::Key":
        document = resource["Properties"].get("KeyPolicy", {})
        yield {"Statement": [{**each, "Resource": "this key"} for each in document["Statement"]]}
        return
    waiting: list[Any] = [resource.get("Properties")]
    while waiting:
        match waiting.pop():
            case {"Statement": list()} as document:
                yield document
            case dict() as mapping:
                waiting.extend(mapping.values())
            case list() as items:
                waiting.extend(items)


def acknowledge_explained(policy: IConstruct) -> None:
    """Give cdk-nag the reasons of a policy; its references between stacks are resolved only now."""
    reasons = policy.get_metadata(REASONS) or {}
    document = cdk.Stack.of(policy).resolve(policy.policy_document)
    findings = {finding: reasons[sid] for sid, finding in wildcards(document) if sid in reasons}
    if findings:
        cdk.Validations.of(policy).acknowledge(
            *(
                cdk.Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[{finding}]", reason=why)
                for finding, why in findings.items()
            )
        )
