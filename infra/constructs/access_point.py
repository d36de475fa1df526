"""A team's own door to one folder of one bucket."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from infra.constructs.bucket import add
from infra.constructs.policy import Allow, explain
from infra.constructs.role import KIND
from infra.constructs.stack import PlatformStack
from infra.settings.model import Team
from infra.stacks.network import Network


def access_point(
    stack: PlatformStack, bucket: s3.Bucket, team: Team, network: Network
) -> s3.CfnAccessPoint:
    """Return a team's access point: from the VPC only, for the roles of its kinds, to its folder."""
    name = f"{stack.settings.prefix}-{team.name}"
    arn = stack.format_arn(service="s3", resource="accesspoint", resource_name=name)
    condition = {"StringEquals": {f"aws:PrincipalTag/{KIND}": list(team.roles)}}
    everyone = [iam.AccountPrincipal(stack.account)]
    why = f"the folder of team {team.name}, whatever is in it"
    statements = [
        Allow(
            "Files",
            ["s3:GetObject", *(["s3:PutObject"] if team.writes else [])],
            [f"{arn}/object/{team.prefix}*"],
            condition,
            why,
            everyone,
        ),
        Allow(
            "List",
            ["s3:ListBucket"],
            [arn],
            {**condition, "StringLike": {"s3:prefix": f"{team.prefix}*"}},
            principals=everyone,
        ),
    ]
    made = s3.CfnAccessPoint(
        stack,
        f"{team.name.title().replace('-', '')}AccessPoint",
        bucket=bucket.bucket_name,
        name=name,
        vpc_configuration=s3.CfnAccessPoint.VpcConfigurationProperty(vpc_id=network.vpc.vpc_id),
        public_access_block_configuration=s3.CfnAccessPoint.PublicAccessBlockConfigurationProperty(
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        policy=iam.PolicyDocument(statements=[each.statement() for each in statements]),
    )
    explain(made, {each.sid: each.why for each in statements})
    made.node.add_dependency(delegated(stack, bucket))
    return made


def delegated(stack: PlatformStack, bucket: s3.Bucket) -> cdk.CfnResource:
    """Let the account's access points decide about the objects of a bucket; return its policy."""
    add(
        bucket,
        Allow(
            "AccessPointsDecide",
            ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
            [bucket.bucket_arn, bucket.arn_for_objects("*")],
            {"StringEquals": {"s3:DataAccessPointAccount": stack.account}},
            why="each access point's policy names its folder and its roles",
            principals=[iam.AccountPrincipal(stack.account)],
        ),
    )
    return bucket.policy.node.default_child
