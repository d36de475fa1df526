"""AWS::EC2::VPCEndpoint: the private ways from a network to services."""

from collections.abc import Iterator
from typing import Any

from slipway.cloud.cloudformation import attempts, members
from slipway.cloud.cloudformation.declared import Declared, origin
from slipway.cloud.cloudformation.resource import Asked, Made, Properties

TAGGED = "vpc-endpoint"
LISTS = ("RouteTableIds", "SubnetIds", "SecurityGroupIds")


def left(asked: Asked) -> str:
    """Return the endpoint that a killed attempt made."""
    wanted = {(name, value) for name, value in origin(asked).items()}
    for one in asked.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]:
        tags = {(tag["Key"], tag["Value"]) for tag in one.get("Tags") or []}
        if wanted <= tags and one["VpcEndpointId"] not in attempts.earlier(asked):
            return str(one["VpcEndpointId"])
    return ""


def modify(asked: Asked, made: Made, before: Properties) -> None:
    """Change an endpoint's policy, tables, subnets and groups."""
    if not before:
        return
    changes = dict(changed(asked.properties, before))
    if changes:
        asked.client("ec2").modify_vpc_endpoint(VpcEndpointId=made.physical_id, **changes)


def changed(new: Properties, old: Properties) -> Iterator[tuple[str, Any]]:
    """Yield the members of ModifyVpcEndpoint."""
    for name in LISTS:
        has, had = set(new.get(name) or []), set(old.get(name) or [])
        if has - had:
            yield f"Add{name}", sorted(has - had)
        if had - has:
            yield f"Remove{name}", sorted(had - has)
    if new.get("PolicyDocument") != old.get("PolicyDocument"):
        if new.get("PolicyDocument"):
            yield "PolicyDocument", members.text(new["PolicyDocument"])
        else:
            yield "ResetPolicy", True
    private = new.get("PrivateDnsEnabled", False)
    if private != old.get("PrivateDnsEnabled", False):
        yield "PrivateDnsEnabled", members.scalar("boolean", private, "#/PrivateDnsEnabled")
    if new.get("IpAddressType") not in (None, old.get("IpAddressType")):
        yield "IpAddressType", new["IpAddressType"]


def remove(asked: Asked, made: Made) -> None:
    """Remove an endpoint that is there."""
    client, id_ = asked.client("ec2"), made.physical_id
    for found in client.describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"]:
        # The ground makes routes for the tables of CreateVpcEndpoint alone, and fails without them.
        if tables := found.get("RouteTableIds"):
            has = client.describe_route_tables(RouteTableIds=tables)["RouteTables"]
            bare = [
                table["RouteTableId"]
                for table in has
                if not any("DestinationPrefixListId" in route for route in table["Routes"])
            ]
            if bare:
                client.modify_vpc_endpoint(VpcEndpointId=id_, RemoveRouteTableIds=bare)
        if found["State"] != "deleted":
            client.delete_vpc_endpoints(VpcEndpointIds=[id_])


ALL = (
    Declared(
        "AWS::EC2::VPCEndpoint",
        "ec2",
        create="CreateVpcEndpoint",
        update="",
        read="DescribeVpcEndpoints",
        resource="VpcEndpoints[?State != 'deleted'] | [0]",
        ref="VpcEndpoint.VpcEndpointId",
        read_keys={"VpcEndpointIds": ["@"]},
        attributes={
            "Id": "VpcEndpointId",
            "CreationTimestamp": "CreationTimestamp",
            "DnsEntries": "DnsEntries[].join(':', [HostedZoneId || '', DnsName || ''])",
            "NetworkInterfaceIds": "NetworkInterfaceIds",
        },
        tagged=TAGGED,
        tagging=("CreateTags", "DeleteTags", {"Resources": "[@]"}),
        find=left,
        after=modify,
        changing=frozenset({*LISTS, "PolicyDocument", "PrivateDnsEnabled", "IpAddressType"}),
        before_delete=remove,
        refused={
            "DnsOptions": "there is no DNS but the machine's",
            "ResourceConfigurationArn": "there is no VPC Lattice",
            "ServiceNetworkArn": "there is no VPC Lattice",
            "ServiceRegion": "endpoints lead to services of their own region",
        },
        replacing=frozenset({"ServiceName", "VpcEndpointType", "VpcId"}),
    ),
)
