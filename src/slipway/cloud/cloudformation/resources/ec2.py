"""AWS::EC2: networks, their parts, and what connects them."""

from typing import Any

from botocore import xform_name

from slipway.cloud.cloudformation import attempts, members
from slipway.cloud.cloudformation.declared import Declared, origin
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.resources import ec2_endpoints, ec2_routes, ec2_rules
from slipway.cloud.cloudformation.settling import gently

IPV6 = "the networks of the local cloud have IPv4 alone"
DHCP_KEYS = {
    "DomainName": "domain-name",
    "DomainNameServers": "domain-name-servers",
    "NtpServers": "ntp-servers",
    "NetbiosNameServers": "netbios-name-servers",
    "NetbiosNodeType": "netbios-node-type",
}
DHCP = frozenset(DHCP_KEYS)
IPAM = "nothing hands out address ranges; give a CidrBlock"


def left(asked: Asked, read: str, plural: str, name: str) -> str:
    """Return the resource that a killed attempt made: it has the tags, and no other attempt's id."""
    wanted = {(key, value) for key, value in origin(asked).items()}
    answer = getattr(asked.client("ec2"), xform_name(read))()
    for one in answer[plural]:
        tags = {(tag["Key"], tag["Value"]) for tag in one.get("Tags") or []}
        gone = one.get("State") in ("deleted", "deleting")
        if wanted <= tags and not gone and one[name] not in attempts.earlier(asked):
            return str(one[name])
    return ""


def ec2(kind: str, noun: str, tagged: str, **more: Any) -> Declared:
    """Return the declaration of a resource that EC2 gives an id."""
    name = f"{noun}Id"
    plural = more.pop("plural", f"{noun}s")
    defaults: dict[str, Any] = {
        "create": f"Create{noun}",
        "delete": f"Delete{noun}",
        "read": f"Describe{plural}",
        "resource": f"{plural}[0]",
        "ref": f"{noun}.{name}",
        "keys": {name: "@"},
        "read_keys": {f"{name}s": ["@"]},
        "attributes": {name: name},
        "tagging": ("CreateTags", "DeleteTags", {"Resources": "[@]"}),
    }
    shown = more.pop("shown", name)
    return Declared(
        f"AWS::EC2::{kind}",
        "ec2",
        tagged=tagged,
        find=lambda asked: left(asked, f"Describe{plural}", plural, shown),
        **{**defaults, **more},
    )


def vpc_attributes(asked: Asked, made: Made, before: Properties) -> None:
    """Turn a network's name service on or off."""
    client, new = asked.client("ec2"), asked.properties
    for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
        value = members.scalar("boolean", new.get(name, default), f"#/{name}")
        client.modify_vpc_attribute(VpcId=made.physical_id, **{name: {"Value": value}})


def vpc_defaults(asked: Asked, id_: str) -> dict[str, Any]:
    """Return what EC2 makes with a network."""
    client = asked.client("ec2")
    of = [{"Name": "vpc-id", "Values": [id_]}]
    groups = client.describe_security_groups(
        Filters=[*of, {"Name": "group-name", "Values": ["default"]}]
    )
    lists = client.describe_network_acls(Filters=[*of, {"Name": "default", "Values": ["true"]}])
    return {
        "DefaultSecurityGroup": groups["SecurityGroups"][0]["GroupId"],
        "DefaultNetworkAcl": lists["NetworkAcls"][0]["NetworkAclId"],
    }


def subnet_attributes(asked: Asked, made: Made, before: Properties) -> None:
    """Say whether what starts in a subnet gets a public address."""
    value = asked.properties.get("MapPublicIpOnLaunch", False)
    asked.client("ec2").modify_subnet_attribute(
        SubnetId=made.physical_id,
        MapPublicIpOnLaunch={"Value": members.scalar("boolean", value, "#/MapPublicIpOnLaunch")},
    )


def subnet_list(asked: Asked, id_: str) -> dict[str, Any]:
    """Return the association of a subnet with its access list."""
    found = asked.client("ec2").describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [id_]}]
    )["NetworkAcls"]
    ids = [
        one["NetworkAclAssociationId"]
        for acl in found
        for one in acl["Associations"]
        if one["SubnetId"] == id_
    ]
    return {"NetworkAclAssociationId": ids[0] if ids else ""}


def tag(asked: Asked, made: Made, before: Properties) -> None:
    """Tag what the ground does not tag when it makes it, or knows by another id."""
    client, which = asked.client("ec2"), made.attributes.get("AllocationId") or made.physical_id
    new = members.merged(asked.tags, asked.properties.get("Tags")) | origin(asked)
    if lost := members.merged({}, before.get("Tags")).keys() - new.keys():
        client.delete_tags(Resources=[which], Tags=[{"Key": name} for name in lost])
    listed = [{"Key": name, "Value": value} for name, value in new.items()]
    client.create_tags(Resources=[which], Tags=listed)


def release(asked: Asked, made: Made) -> None:
    """Give an address back."""
    gently(
        asked.client("ec2").release_address, AllocationId=made.attributes.get("AllocationId", "")
    )


def dhcp(asked: Asked) -> Properties:
    """Return DHCP options as EC2 takes them: a list of keys and values."""
    listed = [
        {"Key": key, "Values": value if isinstance(value, list) else [str(value)]}
        for name, key in DHCP_KEYS.items()
        if (value := asked.properties.get(name)) is not None
    ]
    rest = {name: value for name, value in asked.properties.items() if name not in DHCP_KEYS}
    return {**rest, "DhcpConfigurations": listed}


def flow(asked: Asked) -> Properties:
    """Return a flow log's properties as EC2 takes them: of one resource."""
    rest = dict(asked.properties)
    resource = rest.pop("ResourceId")
    return {**rest, "ResourceIds": [resource]}


ALL = (
    ec2(
        "VPC",
        "Vpc",
        "vpc",
        attributes={
            "VpcId": "VpcId",
            "CidrBlock": "CidrBlock",
            "CidrBlockAssociations": "CidrBlockAssociationSet[].AssociationId",
            "Ipv6CidrBlocks": "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
        },
        stable="State == 'available'",
        more=vpc_defaults,
        after=vpc_attributes,
        hooked=frozenset({"EnableDnsSupport", "EnableDnsHostnames"}),
        refused={
            "Ipv4IpamPoolId": IPAM,
            "Ipv4NetmaskLength": IPAM,
            "VpcEncryptionControl": "no traffic passes here",
        },
        replacing=frozenset({"CidrBlock", "InstanceTenancy"}),
    ),
    ec2(
        "Subnet",
        "Subnet",
        "subnet",
        attributes={name: name for name in ("SubnetId", "VpcId", "AvailabilityZone", "CidrBlock")},
        more=subnet_list,
        after=subnet_attributes,
        hooked=frozenset({"MapPublicIpOnLaunch"}),
        refused={
            **dict.fromkeys(
                (
                    "AssignIpv6AddressOnCreation",
                    "EnableDns64",
                    "Ipv6CidrBlock",
                    "Ipv6Native",
                    "Ipv6IpamPoolId",
                    "Ipv6NetmaskLength",
                ),
                IPV6,
            ),
            "Ipv4IpamPoolId": IPAM,
            "Ipv4NetmaskLength": IPAM,
            "EnableLniAtDeviceIndex": "there are no Outposts",
            "OutpostArn": "there are no Outposts",
            "PrivateDnsNameOptionsOnLaunch": "no instance is launched here",
        },
        replacing=frozenset({"VpcId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock"}),
    ),
    ec2("RouteTable", "RouteTable", "route-table", replacing=frozenset({"VpcId"})),
    ec2("InternetGateway", "InternetGateway", "internet-gateway"),
    ec2(
        "NatGateway",
        "NatGateway",
        "natgateway",
        read_keys={"NatGatewayIds": ["@"]},
        resource="NatGateways[?State != 'deleted'] | [0]",
        stable="State == 'available'",
        attributes={
            "NatGatewayId": "NatGatewayId",
            "EniId": "NatGatewayAddresses[0].NetworkInterfaceId",
        },
        refused={
            **dict.fromkeys(
                (
                    "SecondaryAllocationIds",
                    "SecondaryPrivateIpAddresses",
                    "SecondaryPrivateIpAddressCount",
                ),
                "a gateway has one address",
            ),
            **dict.fromkeys(
                ("AvailabilityMode", "AvailabilityZoneAddresses", "VpcId"),
                "a gateway is in one subnet",
            ),
        },
        ignored={"MaxDrainDurationSeconds": "no connection is ever open"},
        replacing=frozenset({"SubnetId", "ConnectivityType", "AllocationId", "PrivateIpAddress"}),
    ),
    ec2(
        "EIP",
        "Address",
        "elastic-ip",
        create="AllocateAddress",
        delete="",
        ref="PublicIp",
        plural="Addresses",
        read_keys={"PublicIps": ["@"]},
        keys={},
        attributes={"PublicIp": "PublicIp", "AllocationId": "AllocationId"},
        shown="PublicIp",
        tagging=None,
        after=tag,
        before_delete=release,
        refused={
            "InstanceId": "there are no instances",
            "TransferAddress": "there is one account",
            "IpamPoolId": IPAM,
        },
        replacing=frozenset({"NetworkBorderGroup", "Address"}),
    ),
    ec2(
        "NetworkAcl",
        "NetworkAcl",
        "network-acl",
        attributes={"Id": "NetworkAclId"},
        replacing=frozenset({"VpcId"}),
    ),
    ec2(
        "DHCPOptions",
        "DhcpOptions",
        "dhcp-options",
        plural="DhcpOptions",
        read_keys={"DhcpOptionsIds": ["@"]},
        form=dhcp,
        hooked=DHCP,
        tagging=None,
        after=tag,
        refused={"Ipv6AddressPreferredLeaseTime": IPV6},
        replacing=DHCP,
    ),
    ec2(
        "FlowLog",
        "FlowLogs",
        "vpc-flow-log",
        plural="FlowLogs",
        ref="FlowLogIds[0]",
        shown="FlowLogId",
        keys={"FlowLogIds": "[@]"},
        read_keys={"FlowLogIds": ["@"]},
        attributes={"Id": "FlowLogId"},
        form=flow,
        hooked=frozenset({"ResourceId"}),
        note="kept and shown; no traffic passes here",
        refused={
            "DeliverCrossAccountRole": "there is one account",
            "TagFieldSpecifications": "records have no tags",
        },
        replacing=frozenset(
            {
                "DeliverLogsPermissionArn",
                "LogGroupName",
                "LogDestination",
                "ResourceId",
                "TrafficType",
                "LogDestinationType",
                "ResourceType",
                "LogFormat",
                "MaxAggregationInterval",
                "DestinationOptions",
            }
        ),
    ),
    *ec2_endpoints.ALL,
    *ec2_routes.ALL,
    *ec2_rules.ALL,
)
TYPES = by_name(*ALL)
