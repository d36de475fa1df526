"""Findings of cdk-nag that are as they should be, each with its reason."""

import aws_cdk as cdk
from constructs import IConstruct

PACKS = ("AwsSolutions", "NIST.800.53.R5", "HIPAA.Security")


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Say why rules (`AwsSolutions-VPC7`, `HIPAA.Security-…`) do not apply to a construct."""
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=f"{pack_of(rule)}::{rule}", reason=reason) for rule in rules)
    )


def pack_of(rule: str) -> str:
    """Return the pack that a rule's name begins with."""
    for pack in PACKS:
        if rule.startswith(f"{pack}-"):
            return pack
    raise ValueError(f"{rule}: expected a rule of {', '.join(PACKS)}")
