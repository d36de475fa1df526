"""A custom resource: how much the warehouse may compute in a period; CloudFormation has no type for it."""

from typing import Any

import boto3

from infra.functions.custom_resource import Answer, answering


def change(event: dict[str, Any], redshift: Any) -> Answer:
    """Do what CloudFormation asks: one limit for a resource and kind of use, so it is found again."""
    asked = event["ResourceProperties"]
    found = existing(redshift, asked["ResourceArn"], asked["UsageType"])
    if event["RequestType"] == "Delete":
        if found:
            redshift.delete_usage_limit(usageLimitId=found)
        return Answer(event["PhysicalResourceId"])
    limit = {"amount": int(asked["Amount"]), "breachAction": asked["BreachAction"]}
    if found:
        redshift.update_usage_limit(usageLimitId=found, **limit)
        return Answer(found)
    made = redshift.create_usage_limit(
        resourceArn=asked["ResourceArn"],
        usageType=asked["UsageType"],
        period=asked["Period"],
        **limit,
    )
    return Answer(made["usageLimit"]["usageLimitId"])


def existing(redshift: Any, resource: str, usage: str) -> str | None:
    """Return the id of a resource's limit, or None."""
    pages = redshift.get_paginator("list_usage_limits").paginate(
        resourceArn=resource, usageType=usage
    )
    ids = [each["usageLimitId"] for page in pages for each in page["usageLimits"]]
    return ids[0] if ids else None


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(event, context, lambda: change(event, boto3.client("redshift-serverless")))
