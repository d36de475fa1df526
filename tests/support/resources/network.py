"""Examples of the types of AWS::EC2."""

from itertools import count

from resources.making import REGION, TEAM, Example

NUMBERS = count()  # of addresses: each belongs to one gateway


def vpc(world):
    return world.one("AWS::EC2::VPC", CidrBlock="10.20.0.0/16")


def subnet(world):
    properties = {"VpcId": vpc(world).physical_id, "CidrBlock": "10.20.1.0/24"}
    return world.one("AWS::EC2::Subnet", **properties).physical_id


def table(world, name="a"):
    tags = [{"Key": "Name", "Value": name}]
    return world.one("AWS::EC2::RouteTable", VpcId=vpc(world).physical_id, Tags=tags).physical_id


def group(world, description="shared"):
    properties = {"GroupDescription": description, "VpcId": vpc(world).physical_id}
    return world.one("AWS::EC2::SecurityGroup", **properties).physical_id


def gateway(world, name):
    tags = [{"Key": "Name", "Value": name}]
    return world.one("AWS::EC2::InternetGateway", Tags=tags).physical_id


def acl(world):
    return world.one("AWS::EC2::NetworkAcl", VpcId=vpc(world).physical_id).physical_id


def address(world):
    number = [{"Key": "Number", "Value": str(next(NUMBERS))}]
    return world.one("AWS::EC2::EIP", Domain="vpc", Tags=number)


def named(found):
    """Return the tags of a resource without those that CloudFormation alone gives."""
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["aws:cloudformation:stack-name"] == "types-of-resources"
    return {name: value for name, value in tags.items() if not name.startswith("aws:")}


def one(operation, member, which):
    def show(world, made):
        answer = getattr(world.client("ec2"), operation)(**{which: [made.physical_id]})
        return answer[member][0] if answer[member] else None

    return show


def network(world, made):
    found = one("describe_vpcs", "Vpcs", "VpcIds")(world, made)
    answer = world.client("ec2").describe_vpc_attribute(
        VpcId=made.physical_id, Attribute="enableDnsHostnames"
    )
    return found["CidrBlock"], answer["EnableDnsHostnames"]["Value"], named(found)


def part(world, made):
    found = one("describe_subnets", "Subnets", "SubnetIds")(world, made)
    return found["AvailabilityZone"], found["MapPublicIpOnLaunch"], named(found)


def tags_of(operation, member, which):
    def show(world, made):
        found = one(operation, member, which)(world, made)
        return found and found.get("State") != "deleted" and named(found)

    return show


def routes(world, made):
    found = world.client("ec2").describe_route_tables(RouteTableIds=[table(world)])["RouteTables"]
    return [
        (route["GatewayId"] == gateway(world, "one"))
        for route in found[0]["Routes"]
        if route.get("DestinationCidrBlock") == "0.0.0.0/0"
    ]


def endpoint(world, made):
    found = one("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointIds")(world, made)
    if not found or found["State"] == "deleted":
        return None
    return len(found["RouteTableIds"]), "s3:PutObject" in found["PolicyDocument"], named(found)


def policy(action):
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def rules(permissions):
    return sorted(
        (one["IpProtocol"], one.get("FromPort"), other.get("CidrIp") or other.get("GroupId"))
        for one in permissions
        for other in (*one["IpRanges"], *one["UserIdGroupPairs"])
    )


def security_group(world, made):
    found = one("describe_security_groups", "SecurityGroups", "GroupIds")(world, made)
    return rules(found["IpPermissions"]), rules(found["IpPermissionsEgress"])


def shared_rules(side):
    def show(world, made):
        client = world.client("ec2")
        (found,) = client.describe_security_groups(GroupIds=[group(world)])["SecurityGroups"]
        return [
            (one.get("FromPort"), other.get("Description"))
            for one in found[side]
            for other in (*one["IpRanges"], *one["UserIdGroupPairs"])
            if one["IpProtocol"] != "-1"
        ]

    return show


def entries(world, made):
    (found,) = world.client("ec2").describe_network_acls(NetworkAclIds=[acl(world)])["NetworkAcls"]
    return [(e["CidrBlock"], e["RuleAction"]) for e in found["Entries"] if e["RuleNumber"] == 70]


def subnet_table(world, made):
    filters = [{"Name": "association.subnet-id", "Values": [subnet(world)]}]
    found = world.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    return [one["RouteTableId"] == table(world) for one in found]


def subnet_acl(world, made):
    filters = [{"Name": "association.subnet-id", "Values": [subnet(world)]}]
    found = world.client("ec2").describe_network_acls(Filters=filters)["NetworkAcls"]
    return found[0]["NetworkAclId"] == acl(world)


def attached(world, made):
    filters = [{"Name": "attachment.vpc-id", "Values": [vpc(world).physical_id]}]
    found = world.client("ec2").describe_internet_gateways(Filters=filters)["InternetGateways"]
    return [one["InternetGatewayId"] == gateway(world, "one") for one in found]


def options_of(world, made):
    client = world.client("ec2")
    (found,) = client.describe_vpcs(VpcIds=[vpc(world).physical_id])["Vpcs"]
    of = one("describe_dhcp_options", "DhcpOptions", "DhcpOptionsIds")
    return found["DhcpOptionsId"] == made.physical_id.partition("|")[0] and of is not None


def options(world):
    return world.one("AWS::EC2::DHCPOptions", DomainName="example.com").physical_id


WIDE = {"CidrIp": "10.0.0.0/8", "IpProtocol": "tcp", "FromPort": 443, "ToPort": "443"}
NAME = [{"Key": "Name", "Value": "x"}]
BOTH = {**TEAM, "Name": "x"}


def same(world):
    return {}


EXAMPLES = [
    Example(
        "AWS::EC2::VPC",
        lambda w: {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": "true", "Tags": NAME},
        lambda w: {"EnableDnsHostnames": False, "Tags": None},
        network,
        ("10.0.0.0/16", True, BOTH),
        ("10.0.0.0/16", False, TEAM),
    ),
    Example(
        "AWS::EC2::Subnet",
        lambda w: {
            "VpcId": vpc(w).physical_id,
            "CidrBlock": "10.20.9.0/24",
            "AvailabilityZone": "us-east-1b",
        },
        lambda w: {"MapPublicIpOnLaunch": True, "Tags": NAME},
        part,
        ("us-east-1b", False, TEAM),
        ("us-east-1b", True, BOTH),
    ),
    Example(
        "AWS::EC2::RouteTable",
        lambda w: {"VpcId": vpc(w).physical_id},
        lambda w: {"Tags": NAME},
        tags_of("describe_route_tables", "RouteTables", "RouteTableIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::InternetGateway",
        lambda w: {},
        lambda w: {"Tags": NAME},
        tags_of("describe_internet_gateways", "InternetGateways", "InternetGatewayIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::VPCGatewayAttachment",
        lambda w: {"VpcId": vpc(w).physical_id, "InternetGatewayId": gateway(w, "one")},
        lambda w: {"InternetGatewayId": gateway(w, "two")},
        attached,
        [True],
        [False],
    ),
    Example(
        "AWS::EC2::Route",
        lambda w: {
            "RouteTableId": table(w),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": gateway(w, "one"),
        },
        lambda w: {"GatewayId": gateway(w, "two")},
        routes,
        [True],
        [False],
    ),
    Example(
        "AWS::EC2::SubnetRouteTableAssociation",
        lambda w: {"SubnetId": subnet(w), "RouteTableId": table(w)},
        same,
        subnet_table,
        [True],
        [True],
    ),
    Example(
        "AWS::EC2::EIP",
        lambda w: {"Domain": "vpc"},
        lambda w: {"Tags": NAME},
        tags_of("describe_addresses", "Addresses", "PublicIps"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::NatGateway",
        lambda w: {
            "SubnetId": subnet(w),
            "AllocationId": address(w).attributes["AllocationId"],
        },
        lambda w: {"Tags": NAME},
        tags_of("describe_nat_gateways", "NatGateways", "NatGatewayIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::VPCEndpoint",
        lambda w: {
            "VpcId": vpc(w).physical_id,
            "ServiceName": f"com.amazonaws.{REGION}.s3",
            "VpcEndpointType": "Gateway",
            "RouteTableIds": [table(w)],
            "PolicyDocument": policy("s3:GetObject"),
        },
        lambda w: {
            "RouteTableIds": [table(w), table(w, "b")],
            "PolicyDocument": policy("s3:PutObject"),
            "Tags": NAME,
        },
        endpoint,
        (1, False, TEAM),
        (2, True, BOTH),
    ),
    Example(
        "AWS::EC2::SecurityGroup",
        lambda w: {
            "GroupDescription": "of the example",
            "VpcId": vpc(w).physical_id,
            "SecurityGroupIngress": [WIDE],
        },
        lambda w: {
            "SecurityGroupIngress": None,
            "SecurityGroupEgress": [WIDE],
        },
        security_group,
        ([("tcp", 443, "10.0.0.0/8")], [("-1", None, "0.0.0.0/0")]),
        ([], [("tcp", 443, "10.0.0.0/8")]),
    ),
    Example(
        "AWS::EC2::SecurityGroupIngress",
        lambda w: {
            "GroupId": group(w),
            "SourceSecurityGroupId": group(w),
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "Description": "one",
        },
        lambda w: {"Description": "two"},
        shared_rules("IpPermissions"),
        [(443, "one")],
        [(443, "two")],
    ),
    Example(
        "AWS::EC2::SecurityGroupEgress",
        lambda w: {"GroupId": group(w), **WIDE, "Description": "one"},
        lambda w: {"Description": "two"},
        shared_rules("IpPermissionsEgress"),
        [(443, "one")],
        [(443, "two")],
    ),
    Example(
        "AWS::EC2::FlowLog",
        lambda w: {
            "ResourceId": vpc(w).physical_id,
            "ResourceType": "VPC",
            "TrafficType": "REJECT",
            "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::" + w.one("AWS::S3::Bucket").physical_id,
        },
        lambda w: {"Tags": NAME},
        tags_of("describe_flow_logs", "FlowLogs", "FlowLogIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::NetworkAcl",
        lambda w: {"VpcId": vpc(w).physical_id},
        lambda w: {"Tags": NAME},
        tags_of("describe_network_acls", "NetworkAcls", "NetworkAclIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::NetworkAclEntry",
        lambda w: {
            "NetworkAclId": acl(w),
            "RuleNumber": "70",
            "Protocol": 6,
            "RuleAction": "allow",
            "CidrBlock": "10.0.0.0/8",
            "PortRange": {"From": "443", "To": 443},
        },
        lambda w: {"RuleAction": "deny"},
        entries,
        [("10.0.0.0/8", "allow")],
        [("10.0.0.0/8", "deny")],
    ),
    Example(
        "AWS::EC2::SubnetNetworkAclAssociation",
        lambda w: {"SubnetId": subnet(w), "NetworkAclId": acl(w)},
        same,
        subnet_acl,
        True,
        True,
    ),
    Example(
        "AWS::EC2::DHCPOptions",
        lambda w: {"DomainName": "slipway.test", "DomainNameServers": ["AmazonProvidedDNS"]},
        lambda w: {"Tags": NAME},
        tags_of("describe_dhcp_options", "DhcpOptions", "DhcpOptionsIds"),
        TEAM,
        BOTH,
    ),
    Example(
        "AWS::EC2::VPCDHCPOptionsAssociation",
        lambda w: {"VpcId": vpc(w).physical_id, "DhcpOptionsId": options(w)},
        same,
        options_of,
        True,
        True,
    ),
]
