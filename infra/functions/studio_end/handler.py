"""End a Studio domain with all that people made in it: apps, spaces, home folders, security groups.

CloudFormation deletes a domain only when nothing is in it, keeps its home file system, and knows nothing of
the two security groups by which SageMaker mounts it. So this goes first; CloudFormation then finds
the domain gone.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions.custom_resource import Answer, answering

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
PATIENCE = 780  # seconds; a function has 15 minutes
GROUPS = "security-group-for-{}-nfs-{}"


class Domain:
    """A Studio domain that is to end."""

    def __init__(self, sagemaker: Any, ec2: Any, domain: str, sleep: Callable[[float], None]):
        self._sagemaker, self._ec2, self._domain, self._sleep = sagemaker, ec2, domain, sleep

    def end(self) -> None:
        """Delete apps, spaces, the domain and its groups, each when the one before is gone."""
        self._until_none(self._delete_apps, "apps")
        self._until_none(self._delete_spaces, "spaces")
        self._until_none(self._delete_domain, "the domain")
        self._delete_groups()

    def _until_none(self, delete: Callable[[], int], what: str) -> None:
        waited = 0
        while left := delete():
            if waited >= PATIENCE:
                raise TimeoutError(
                    f"{self._domain}: expected {what} to be gone after {PATIENCE} s, found {left}; "
                    "delete them by hand, then the stack again"
                )
            self._sleep(10)
            waited += 10

    def _delete_apps(self) -> int:
        apps = [
            each
            for page in self._sagemaker.get_paginator("list_apps").paginate(
                DomainIdEquals=self._domain
            )
            for each in page["Apps"]
            if each["Status"] not in ("Deleted", "Failed")
        ]
        for app in apps:
            if app["Status"] != "Deleting":
                owner = {key: app[key] for key in ("UserProfileName", "SpaceName") if app.get(key)}
                self._sagemaker.delete_app(
                    DomainId=self._domain, AppType=app["AppType"], AppName=app["AppName"], **owner
                )
        return len(apps)

    def _delete_spaces(self) -> int:
        spaces = [
            each
            for page in self._sagemaker.get_paginator("list_spaces").paginate(
                DomainIdEquals=self._domain
            )
            for each in page["Spaces"]
        ]
        for space in spaces:
            if space["Status"] != "Deleting":
                self._sagemaker.delete_space(DomainId=self._domain, SpaceName=space["SpaceName"])
        return len(spaces)

    def _delete_domain(self) -> int:
        try:
            found = self._sagemaker.describe_domain(DomainId=self._domain)
            if found["Status"] != "Deleting":
                self._sagemaker.delete_domain(
                    DomainId=self._domain, RetentionPolicy={"HomeEfsFileSystem": "Delete"}
                )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            return 0
        return 1

    def _delete_groups(self) -> None:
        names = [GROUPS.format(way, self._domain) for way in ("inbound", "outbound")]
        filters = [{"Name": "group-name", "Values": names}]
        groups = self._ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        for group in groups:  # each names the other, so neither can go before its rules
            if group["IpPermissions"]:
                self._ec2.revoke_security_group_ingress(
                    GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
                )
            if group["IpPermissionsEgress"]:
                self._ec2.revoke_security_group_egress(
                    GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
                )
        for group in groups:
            self._ec2.delete_security_group(GroupId=group["GroupId"])


def change(
    event: dict[str, Any], sagemaker: Any, ec2: Any, sleep: Callable[[float], None]
) -> Answer:
    """Do what CloudFormation asks about the resource."""
    domain = event["ResourceProperties"]["DomainId"]
    if event["RequestType"] == "Delete":
        Domain(sagemaker, ec2, domain, sleep).end()
        log.info("%s is gone", domain)
    return Answer(f"end-of-{domain}")


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(
        event,
        context,
        lambda: change(event, boto3.client("sagemaker"), boto3.client("ec2"), time.sleep),
    )
