"""AWS::EC2: security groups, and the rules of groups and access lists."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import attempts, naming
from slipway.cloud.cloudformation.declared import origin
from slipway.cloud.cloudformation.members import merged
from slipway.cloud.cloudformation.own import Own
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently

Rule = Mapping[str, Any]
SIDES = {"Ingress": "Source", "Egress": "Destination"}
SHARED = ("IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "Description")
ALL_OUT = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}  # what EC2 itself gives a new group


def permission(rule: Rule, side: str) -> dict[str, Any]:
    """Return a rule as EC2 takes it."""
    said = {"Description": rule["Description"]} if rule.get("Description") else {}
    found: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"])}
    for name in ("FromPort", "ToPort"):
        if rule.get(name) is not None and found["IpProtocol"] != "-1":
            found[name] = int(rule[name])
    other = SIDES[side]
    if cidr := rule.get("CidrIp"):
        found["IpRanges"] = [{"CidrIp": cidr, **said}]
    elif cidr := rule.get("CidrIpv6"):
        found["Ipv6Ranges"] = [{"CidrIpv6": cidr, **said}]
    elif group := rule.get(f"{other}SecurityGroupId"):
        found["UserIdGroupPairs"] = [{"GroupId": group, **said}]
    elif prefixes := rule.get(f"{other}PrefixListId"):
        found["PrefixListIds"] = [{"PrefixListId": prefixes, **said}]
    else:
        raise Failed(
            f"a rule of a security group says no {other.lower()}: {json.dumps(dict(rule))}"
        )
    return found


def allow(asked: Asked, group: str, side: str, rules: Iterable[Rule]) -> None:
    """Add rules; those that are there already are no fault."""
    add = getattr(asked.client("ec2"), f"authorize_security_group_{side.lower()}")
    for rule in rules:
        try:
            add(GroupId=group, IpPermissions=[permission(rule, side)])
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidPermission.Duplicate":
                raise


def forbid(asked: Asked, group: str, side: str, rules: Iterable[Rule]) -> None:
    """Remove rules; those that are gone already are no fault."""
    remove = getattr(asked.client("ec2"), f"revoke_security_group_{side.lower()}")
    for rule in rules:
        gently(remove, GroupId=group, IpPermissions=[permission(rule, side)])


def bring_up_to_date(asked: Asked, group: str, before: Properties | None) -> None:
    """Give a group the rules that it shall have, and take those that it had before."""
    for side in SIDES:
        name = f"SecurityGroup{side}"
        new = list(asked.properties.get(name) or [])
        old = list((before or {}).get(name) or [])
        if side == "Egress":
            new, old = new or [ALL_OUT], old or [ALL_OUT]
        forbid(asked, group, side, [rule for rule in old if rule not in new])
        allow(asked, group, side, new)


def create_group(asked: Asked) -> Made:
    """Make AWS::EC2::SecurityGroup."""
    client, given = asked.client("ec2"), asked.properties
    name = given.get("GroupName") or naming.physical(
        asked.stack_name, asked.logical_id, asked.token, 255
    )
    where = {"VpcId": given["VpcId"]} if given.get("VpcId") else {}
    filters = [{"Name": "group-name", "Values": [name]}]
    filters += [{"Name": "vpc-id", "Values": [where["VpcId"]]}] if where else []
    again = attempts.begin(asked)
    found = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    if again and found:
        group = found[0]["GroupId"]
    else:
        tags = merged(asked.tags, given.get("Tags")) | origin(asked)
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        group = client.create_security_group(
            GroupName=name,
            Description=given["GroupDescription"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": listed}],
            **where,
        )["GroupId"]
    attempts.made(asked, group)
    bring_up_to_date(asked, group, None)
    return described(asked, group)


def described(asked: Asked, group: str) -> Made:
    """Return a group with its attributes."""
    (found,) = asked.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return Made(group, {"GroupId": group, "Id": group, "VpcId": found.get("VpcId", "")})


def update_group(asked: Asked, made: Made, before: Properties) -> Made:
    """Change a group's rules and tags."""
    client = asked.client("ec2")
    bring_up_to_date(asked, made.physical_id, before)
    new = merged(asked.tags, asked.properties.get("Tags"))
    if lost := merged({}, before.get("Tags")).keys() - new.keys():
        client.delete_tags(Resources=[made.physical_id], Tags=[{"Key": one} for one in lost])
    if new:
        listed = [{"Key": key, "Value": value} for key, value in new.items()]
        client.create_tags(Resources=[made.physical_id], Tags=listed)
    return described(asked, made.physical_id)


def delete_group(asked: Asked, made: Made) -> None:
    """Remove a group."""
    gently(asked.client("ec2").delete_security_group, GroupId=made.physical_id)
    attempts.forget(asked, made.physical_id)


def single(side: str) -> Own:
    """Return the type of one rule that stands beside its group."""
    other = SIDES[side]
    names = frozenset({*SHARED, "GroupId", f"{other}SecurityGroupId", f"{other}PrefixListId"})
    apart = {"GroupName", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId"}

    def create(asked: Asked) -> Made:
        group = asked.properties["GroupId"]
        allow(asked, group, side, [asked.properties])
        name = naming.physical(asked.stack_name, asked.logical_id, asked.token)
        return Made(name, {"Id": name})

    def update(asked: Asked, made: Made, before: Properties) -> Made:
        # The description alone can change: in EC2 it is part of the rule
        group = asked.properties["GroupId"]
        if asked.properties != before:
            forbid(asked, group, side, [before])
        allow(asked, group, side, [asked.properties])
        return made

    def delete(asked: Asked, made: Made) -> None:
        forbid(asked, asked.properties["GroupId"], side, [asked.properties])

    return Own(
        f"AWS::EC2::SecurityGroup{side}",
        create,
        update,
        delete,
        names,
        replacing=names - {"Description"},
        refused=dict.fromkeys(apart, "groups are known by their ids") if side == "Ingress" else {},
    )


ENTRY = frozenset(
    {
        "CidrBlock",
        "Egress",
        "Icmp",
        "NetworkAclId",
        "PortRange",
        "Protocol",
        "RuleAction",
        "RuleNumber",
    }
)


def entry(asked: Asked) -> dict[str, Any]:
    """Return an access list's entry as EC2 takes it."""
    given = asked.properties
    found: dict[str, Any] = {
        "NetworkAclId": given["NetworkAclId"],
        "RuleNumber": int(given["RuleNumber"]),
        "Egress": str(given.get("Egress", False)).lower() == "true",
        "Protocol": str(given["Protocol"]),
        "RuleAction": given["RuleAction"],
        "CidrBlock": given["CidrBlock"],
    }
    if ports := given.get("PortRange"):
        found["PortRange"] = {name: int(port) for name, port in ports.items()}
    if icmp := given.get("Icmp"):
        found["IcmpTypeCode"] = {name: int(number) for name, number in icmp.items()}
    return found


def create_entry(asked: Asked) -> Made:
    """Make AWS::EC2::NetworkAclEntry; the same one again when it is there."""
    request, again = entry(asked), attempts.begin(asked)
    name = naming.physical(asked.stack_name, asked.logical_id, asked.token)
    try:
        asked.client("ec2").create_network_acl_entry(**request)
    except ClientError as error:
        there = error.response["Error"]["Code"] == "NetworkAclEntryAlreadyExists"
        if not (there and again):
            raise
    attempts.made(asked, name)
    return Made(name, {"Id": name})


def update_entry(asked: Asked, made: Made, before: Properties) -> Made:
    """Change an entry."""
    asked.client("ec2").replace_network_acl_entry(**entry(asked))
    return made


def delete_entry(asked: Asked, made: Made) -> None:
    """Remove an entry."""
    client = asked.client("ec2")
    which = {name: entry(asked)[name] for name in ("NetworkAclId", "RuleNumber", "Egress")}
    lists = gently(client.describe_network_acls, NetworkAclIds=[which["NetworkAclId"]])
    for found in (lists or {"NetworkAcls": []})["NetworkAcls"]:
        there = [(one["RuleNumber"], one["Egress"]) for one in found["Entries"]]
        if (which["RuleNumber"], which["Egress"]) in there:
            client.delete_network_acl_entry(**which)
    attempts.forget(asked, made.physical_id)


ALL = (
    Own(
        "AWS::EC2::SecurityGroup",
        create_group,
        update_group,
        delete_group,
        frozenset(
            {
                "GroupDescription",
                "GroupName",
                "VpcId",
                "SecurityGroupEgress",
                "SecurityGroupIngress",
                "Tags",
            }
        ),
        frozenset({"GroupDescription", "GroupName", "VpcId"}),
    ),
    single("Ingress"),
    single("Egress"),
    Own(
        "AWS::EC2::NetworkAclEntry",
        create_entry,
        update_entry,
        delete_entry,
        ENTRY,
        frozenset({"Egress", "RuleNumber", "NetworkAclId"}),
        refused={"Ipv6CidrBlock": "the networks of the local cloud have IPv4 alone"},
    ),
)
