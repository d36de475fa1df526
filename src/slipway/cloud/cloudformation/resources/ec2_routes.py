"""AWS::EC2: routes, and which subnet or network has which table, gateway, list or options."""

from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation.members import operation, value
from slipway.cloud.cloudformation.own import Own
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
TARGETS = (
    "CarrierGatewayId", "CoreNetworkArn", "EgressOnlyInternetGatewayId", "GatewayId", "InstanceId",
    "LocalGatewayId", "NatGatewayId", "NetworkInterfaceId", "TransitGatewayId", "VpcEndpointId",
    "VpcPeeringConnectionId",
)  # fmt: skip
ROUTE = frozenset({"RouteTableId", *DESTINATIONS, *TARGETS})


def destination(asked: Asked) -> dict[str, str]:
    """Return the member that says where a route leads."""
    found = {name: of for name in DESTINATIONS if (of := asked.properties.get(name))}
    if len(found) != 1:
        raise Failed(f"#: expected exactly one of {', '.join(DESTINATIONS)}, found {len(found)}")
    return found


def routed(asked: Asked) -> dict[str, Any]:
    """Return a route's request."""
    shape = operation("ec2", "CreateRoute").input_shape
    return {
        name: value(shape.members[name], of, f"#/{name}") for name, of in asked.properties.items()
    }


def create_route(asked: Asked) -> Made:
    """Make AWS::EC2::Route; the same one again when it is there."""
    (where,) = destination(asked).values()
    table, client = asked.properties["RouteTableId"], asked.client("ec2")
    try:
        client.create_route(**routed(asked))
    except ClientError as error:
        there = "AlreadyExists" in error.response["Error"]["Code"]
        if not there or not same_route(asked):
            raise
    return Made(f"{table}|{where}", {"CidrBlock": where})


def same_route(asked: Asked) -> bool:
    """Tell whether the table has exactly this route."""
    tables = asked.client("ec2").describe_route_tables(
        RouteTableIds=[asked.properties["RouteTableId"]]
    )
    wanted = {name: of for name, of in asked.properties.items() if name != "RouteTableId"}
    return any(wanted.items() <= route.items() for route in tables["RouteTables"][0]["Routes"])


def update_route(asked: Asked, made: Made, before: Properties) -> Made:
    """Lead a route elsewhere."""
    asked.client("ec2").replace_route(**routed(asked))
    return made


def delete_route(asked: Asked, made: Made) -> None:
    """Remove a route."""
    table = asked.properties["RouteTableId"]
    gently(asked.client("ec2").delete_route, RouteTableId=table, **destination(asked))


def associate_table(asked: Asked) -> Made:
    """Give a subnet a route table; the one that it has already is no fault."""
    client, wanted = asked.client("ec2"), dict(asked.properties)
    tables = client.describe_route_tables(RouteTableIds=[wanted["RouteTableId"]])["RouteTables"]
    for one in tables[0]["Associations"]:
        if one.get("SubnetId") == wanted["SubnetId"]:
            return associated(one["RouteTableAssociationId"])
    return associated(client.associate_route_table(**wanted)["AssociationId"])


def associated(id_: str) -> Made:
    """Return an association."""
    return Made(id_, {"Id": id_})


def dissociate_table(asked: Asked, made: Made) -> None:
    """Take a subnet's route table from it."""
    gently(asked.client("ec2").disassociate_route_table, AssociationId=made.physical_id)


def attach_gateway(asked: Asked) -> Made:
    """Attach an internet gateway to a network."""
    client, wanted = asked.client("ec2"), dict(asked.properties)
    gateways = client.describe_internet_gateways(InternetGatewayIds=[wanted["InternetGatewayId"]])
    attached = gateways["InternetGateways"][0].get("Attachments", [])
    if wanted["VpcId"] not in [one["VpcId"] for one in attached]:
        client.attach_internet_gateway(**wanted)
    return Made(f"IGW|{wanted['VpcId']}", {"AttachmentType": "IGW"})


def detach_gateway(asked: Asked, made: Made) -> None:
    """Detach an internet gateway."""
    gently(asked.client("ec2").detach_internet_gateway, **asked.properties)


def change_gateway(asked: Asked, made: Made, before: Properties) -> Made:
    """Attach another gateway in place of one."""
    if before != asked.properties:
        gently(asked.client("ec2").detach_internet_gateway, **before)
    return attach_gateway(asked)


def associate_options(asked: Asked) -> Made:
    """Give a network DHCP options."""
    given = asked.properties
    asked.client("ec2").associate_dhcp_options(**given)
    return Made(f"{given['DhcpOptionsId']}|{given['VpcId']}")


def dissociate_options(asked: Asked, made: Made) -> None:
    """Give a network the default options back."""
    call = asked.client("ec2").associate_dhcp_options
    gently(call, DhcpOptionsId="default", VpcId=asked.properties["VpcId"])


def associate_list(asked: Asked) -> Made:
    """Give a subnet an access list in place of the one that it has."""
    return associated(replace_list(asked, asked.properties["NetworkAclId"]))


def replace_list(asked: Asked, acl: str) -> str:
    """Give a subnet another access list; return the association."""
    client, subnet = asked.client("ec2"), asked.properties["SubnetId"]
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    for found in client.describe_network_acls(Filters=filters)["NetworkAcls"]:
        for one in found["Associations"]:
            if one["SubnetId"] != subnet:
                continue
            id_ = one["NetworkAclAssociationId"]
            if found["NetworkAclId"] == acl:
                return str(id_)
            done = client.replace_network_acl_association(AssociationId=id_, NetworkAclId=acl)
            return str(done["NewAssociationId"])
    raise Failed(f"#/SubnetId: expected a subnet with an access list, found {subnet}")


def dissociate_list(asked: Asked, made: Made) -> None:
    """Give a subnet the network's default access list back."""
    client, subnet = asked.client("ec2"), asked.properties["SubnetId"]
    of = gently(client.describe_subnets, SubnetIds=[subnet])
    if not of:
        return
    filters = [
        {"Name": "vpc-id", "Values": [of["Subnets"][0]["VpcId"]]},
        {"Name": "default", "Values": ["true"]},
    ]
    default = client.describe_network_acls(Filters=filters)["NetworkAcls"][0]["NetworkAclId"]
    replace_list(asked, default)


def same(asked: Asked, made: Made, before: Properties) -> Made:
    """Change nothing: every property of the type makes a new resource."""
    return made


def joining(kind: str, create: Any, delete: Any, *names: str) -> Own:
    """Return the type of what joins two resources."""
    both = frozenset(names)
    return Own(f"AWS::EC2::{kind}", create, same, delete, both, both)


ALL = (
    Own(
        "AWS::EC2::Route",
        create_route,
        update_route,
        delete_route,
        ROUTE,
        frozenset({"RouteTableId", *DESTINATIONS}),
        refused={"OdbNetworkArn": "there are no such networks"},
    ),
    joining(
        "SubnetRouteTableAssociation", associate_table, dissociate_table, "SubnetId", "RouteTableId"
    ),
    Own(
        "AWS::EC2::VPCGatewayAttachment",
        attach_gateway,
        change_gateway,
        detach_gateway,
        frozenset({"VpcId", "InternetGatewayId"}),
        frozenset({"VpcId"}),
        refused={"VpnGatewayId": "there are no VPNs"},
    ),
    joining(
        "VPCDHCPOptionsAssociation", associate_options, dissociate_options, "DhcpOptionsId", "VpcId"
    ),
    joining(
        "SubnetNetworkAclAssociation", associate_list, dissociate_list, "SubnetId", "NetworkAclId"
    ),
)
