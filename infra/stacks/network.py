"""The network: isolated subnets, private ways to AWS's services, and a record of what flows."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.key import PlatformKey
from infra.constructs.log_group import PlatformLogGroup, writer
from infra.constructs.policy import Allow, explain
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings


class Network(PlatformStack):
    """VPC, subnets for jobs, endpoints with policies, security groups, flow logs."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope, "network", settings, "Isolated network with private ways to AWS services"
        )
        network = settings.network
        self.vpc = self._vpc()
        self.job_subnets = self.vpc.isolated_subnets or self.vpc.private_subnets
        self.endpoint_security_group = ec2.SecurityGroup(
            self,
            "EndpointSecurityGroup",
            vpc=self.vpc,
            description="Interface endpoints: answers what jobs ask",
            allow_all_outbound=False,
        )
        self.job_security_group = self._jobs()
        self.s3_endpoint = self._gateway("S3", ec2.GatewayVpcEndpointAwsService.S3)
        let_through(self.s3_endpoint, own(self), layers(self), answers(self))
        self.dynamodb_endpoint = self._gateway(
            "DynamoDb", ec2.GatewayVpcEndpointAwsService.DYNAMODB
        )
        let_through(self.dynamodb_endpoint, own(self))
        for name in network.interface_endpoints:
            self._interface(name)
        self._flow_logs()

    def _vpc(self) -> ec2.Vpc:
        network = self.settings.network
        subnets = [
            ec2.SubnetConfiguration(
                name="jobs",
                subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS
                if network.nat_gateways
                else ec2.SubnetType.PRIVATE_ISOLATED,
                cidr_mask=int(network.cidr.split("/")[1]) + 4,
            )
        ]
        if network.nat_gateways:
            subnets.append(
                ec2.SubnetConfiguration(
                    name="nat",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=28,
                    map_public_ip_on_launch=False,
                )
            )
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(network.cidr),
            max_azs=network.availability_zones,
            nat_gateways=network.nat_gateways,
            subnet_configuration=subnets,
            # The CDK would close the default group with a function in Node; see the reason below.
            restrict_default_security_group=False,
        )
        for subnet in vpc.public_subnets:  # there are none without a NAT gateway
            acknowledge(
                subnet,
                "A NAT gateway was asked for, and this is its subnet: nothing else stands in it",
                "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
                "HIPAA.Security-VPCNoUnrestrictedRouteToIGW",
            )
        acknowledge(
            vpc,
            "Nothing is put into the default security group: each job, function and endpoint names its "
            "own, and IAM refuses a job that names another",
            "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
            "HIPAA.Security-VPCDefaultSecurityGroupClosed",
        )
        return vpc

    def _jobs(self) -> ec2.SecurityGroup:
        """Return the group of jobs: among themselves, to the endpoints, and to S3 and DynamoDB."""
        group = ec2.SecurityGroup(
            self,
            "JobSecurityGroup",
            vpc=self.vpc,
            description="SageMaker jobs, endpoints and functions",
            allow_all_outbound=False,
        )
        network = self.settings.network
        https = ec2.Port.tcp(443)
        group.add_ingress_rule(group, ec2.Port.all_tcp(), "Instances of one distributed job")
        group.add_egress_rule(group, ec2.Port.all_tcp(), "Instances of one distributed job")
        group.add_egress_rule(self.endpoint_security_group, https, "Interface endpoints")
        group.add_egress_rule(ec2.Peer.prefix_list(network.s3_prefix_list), https, "S3")
        group.add_egress_rule(ec2.Peer.prefix_list(network.dynamodb_prefix_list), https, "DynamoDB")
        self.endpoint_security_group.add_ingress_rule(group, https, "Jobs and functions")
        return group

    def _gateway(
        self, name: str, service: ec2.GatewayVpcEndpointAwsService
    ) -> ec2.GatewayVpcEndpoint:
        return self.vpc.add_gateway_endpoint(
            f"{name}Endpoint", service=service, subnets=[self._subnets()]
        )

    def _interface(self, name: str) -> None:
        endpoint = self.vpc.add_interface_endpoint(
            "".join(part.title() for part in name.replace("-", ".").split(".")) + "Endpoint",
            service=ec2.InterfaceVpcEndpointService(f"com.amazonaws.{self.region}.{name}", 443),
            private_dns_enabled=True,
            subnets=ec2.SubnetSelection(
                subnets=self.job_subnets[: self.settings.network.endpoint_zones]
            ),
            security_groups=[self.endpoint_security_group],
            open=False,
        )
        let_through(endpoint, own(self), *([images(self)] if name.startswith("ecr.") else []))

    def _subnets(self) -> ec2.SubnetSelection:
        return ec2.SubnetSelection(subnets=self.job_subnets)

    def _flow_logs(self) -> None:
        """Record what flows, in a group of its own under a key of its own."""
        name = f"/{self.settings.prefix}/network/flow"
        key = PlatformKey(
            self,
            "FlowLogKey",
            description=f"Flow logs of {self.settings.prefix}",
            log_groups=name,
        )
        kept = self.settings.network.flow_log_days
        group = PlatformLogGroup(self, "FlowLogs", group_name=name, key=key, kept=kept)
        written = "Writes flow logs to their group"
        role = writer(self, "FlowLogRole", group, "vpc-flow-logs", description=written)
        ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self.vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )


def let_through(endpoint: ec2.VpcEndpoint, *statements: Allow) -> None:
    """Give an endpoint its policy; without one it would let everything through."""
    for statement in statements:
        endpoint.add_to_policy(statement.statement())
    explain(endpoint.node.default_child, {statement.sid: statement.why for statement in statements})


def own(stack: PlatformStack) -> Allow:
    """Return what every endpoint lets through: the account's principals to the account's resources."""
    return Allow(
        "OwnAccount",
        ["*"],
        ["*"],
        {
            "StringEquals": {
                "aws:PrincipalAccount": stack.account,
                "aws:ResourceAccount": stack.account,
            }
        },
        why="the endpoint keeps other accounts out; what a principal may do, its role says",
        principals=[iam.AnyPrincipal()],
    )


def layers(stack: PlatformStack) -> Allow:
    """Return what lets jobs fetch the layers of images, which lie in a bucket of AWS."""
    return Allow(
        "LayersOfImages",
        ["s3:GetObject"],
        [f"arn:{stack.partition}:s3:::prod-{stack.region}-starport-layer-bucket/*"],
        why="ECR hands out signed addresses of layers, whose names are digests",
        principals=[iam.AnyPrincipal()],
    )


def answers(stack: PlatformStack) -> Allow:
    """Return what lets the functions of custom resources answer CloudFormation, in a bucket of AWS."""
    return Allow(
        "AnswersToCloudFormation",
        ["s3:PutObject"],
        [f"arn:{stack.partition}:s3:::cloudformation-custom-resource-response-*/*"],
        why="CloudFormation hands out signed addresses in buckets that it names by region",
        principals=[iam.AnyPrincipal()],
    )


def images(stack: PlatformStack) -> Allow:
    """Return what lets jobs pull the images of AWS's own accounts."""
    return Allow(
        "ImagesOfAws",
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ],
        [
            stack.format_arn(
                service="ecr", account=account, resource="repository", resource_name="*"
            )
            for account in stack.settings.network.image_accounts
        ],
        {"StringEquals": {"aws:PrincipalAccount": stack.account}},
        why="any image of these accounts of AWS; the job's role says which",
        principals=[iam.AnyPrincipal()],
    )
