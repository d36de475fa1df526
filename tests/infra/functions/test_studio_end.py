"""The end of a Studio domain: what people made in it goes first, then it, then its security groups."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.functions.studio_end.handler import change


class Account:
    """SageMaker and EC2 with one domain; a deletion takes one more look before it is done."""

    def __init__(self) -> None:
        self.apps = [
            {
                "AppType": "JupyterLab",
                "AppName": "default",
                "SpaceName": "ada",
                "Status": "InService",
            }
        ]
        self.spaces = [{"SpaceName": "ada", "Status": "InService"}]
        self.domain: str | None = "InService"
        self.groups = {
            "security-group-for-inbound-nfs-d-1": "sg-in",
            "security-group-for-outbound-nfs-d-1": "sg-out",
        }
        self.rules = {"sg-in", "sg-out"}
        self.said: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        self.listed = "Apps" if operation == "list_apps" else "Spaces"
        return self

    def paginate(self, DomainIdEquals: str) -> Any:
        return [{self.listed: list(self.apps if self.listed == "Apps" else self.spaces)}]

    def delete_app(self, **app: str) -> None:
        assert app["SpaceName"] == "ada"
        self.said.append("app")
        self.apps[0]["Status"] = "Deleted"

    def delete_space(self, DomainId: str, SpaceName: str) -> None:
        assert self.apps[0]["Status"] == "Deleted"
        self.said.append("space")
        self.spaces.clear()

    def describe_domain(self, DomainId: str) -> dict[str, Any]:
        if self.domain is None:
            error = {"Code": "ResourceNotFound", "Message": "gone"}
            raise ClientError({"Error": error}, "DescribeDomain")  # type: ignore[typeddict-item]
        return {"Status": self.domain}

    def delete_domain(self, DomainId: str, RetentionPolicy: dict[str, str]) -> None:
        assert RetentionPolicy == {"HomeEfsFileSystem": "Delete"}
        assert not self.spaces
        self.said.append("domain")
        self.domain = None

    def describe_security_groups(self, Filters: list[Any]) -> dict[str, Any]:
        return {
            "SecurityGroups": [
                {"GroupId": self.groups[name], "IpPermissions": ["x"], "IpPermissionsEgress": ["y"]}
                for name in Filters[0]["Values"]
                if name in self.groups
            ]
        }

    def revoke_security_group_ingress(self, GroupId: str, IpPermissions: list[str]) -> None:
        self.rules.discard(GroupId)

    revoke_security_group_egress = revoke_security_group_ingress

    def delete_security_group(self, GroupId: str) -> None:
        assert not self.rules
        self.groups = {name: each for name, each in self.groups.items() if each != GroupId}


def asked(kind: str) -> dict[str, Any]:
    return {"RequestType": kind, "ResourceProperties": {"DomainId": "d-1"}}


def test_a_domain_ends_with_all_that_is_in_it_and_twice_is_once() -> None:
    account = Account()
    for _ in range(2):
        assert change(asked("Delete"), account, account, lambda s: None).physical_id == "end-of-d-1"
    assert account.said == ["app", "space", "domain"]
    assert not account.groups


def test_nothing_ends_before_the_stack_does() -> None:
    account = Account()
    change(asked("Create"), account, account, lambda s: None)
    change(asked("Update"), account, account, lambda s: None)
    assert account.said == []


def test_an_app_that_does_not_go_is_named_with_what_to_do() -> None:
    account = Account()
    account.delete_app = lambda **app: None  # type: ignore[method-assign]
    with pytest.raises(TimeoutError, match=r"d-1: expected apps to be gone.*delete them by hand"):
        change(asked("Delete"), account, account, lambda s: None)
