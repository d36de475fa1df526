"""The warehouse: Redshift Serverless inside the VPC, its password that changes, its limits."""

import json

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_redshiftserverless as redshift
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.bucket import allow_outside_vpc
from infra.constructs.catalog import CURATED_PREFIX, grant, reading
from infra.constructs.function import PlatformFunction
from infra.constructs.log_group import PlatformLogGroup
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings
from infra.settings.model import Warehouse as WarehouseSettings
from infra.stacks.lake import Lake
from infra.stacks.network import Network

UNLOAD_PREFIX = "reviews/parquet-from-redshift/"
ADMINISTRATOR = "administrator"
EXPORTS = ("useractivitylog", "userlog", "connectionlog")


class Warehouse(PlatformStack):
    """Namespace, workgroup, the administrator's secret, the role for Spectrum, COPY and UNLOAD."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        warehouse: WarehouseSettings,
        network: Network,
        lake: Lake,
    ) -> None:
        super().__init__(scope, "warehouse", settings, "Warehouse: Redshift Serverless")
        self._warehouse, self._network, self._lake = warehouse, network, lake
        self.name = settings.prefix
        self.secret = self._secret()
        self.role = self._role()
        self.namespace = self._namespace()
        self.workgroup = self._workgroup()
        self._rotation()
        self._usage_limit()
        self.output("WorkgroupName", self.name, "Workgroup, for the Redshift Data API")
        self.output("SecretArn", self.secret.secret_arn, "Name and password of the administrator")
        self.output("WarehouseRoleArn", self.role.role_arn, "Role for Spectrum, COPY and UNLOAD")

    def _secret(self) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            "Secret",
            description=f"Administrator of the warehouse {self.name}",
            # By its ARN: the secret would else write into the policy of another stack's key.
            encryption_key=kms.Key.from_key_arn(self, "LakeKey", self._lake.key.key_arn),
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(
                    {"username": ADMINISTRATOR, "namespace": self.name}
                ),
                generate_string_key="password",
                password_length=32,
                exclude_characters="/@\"'\\ `",
            ),
            removal_policy=self.removal,
        )

    def _role(self) -> TaskRole:
        """Return the role with which SQL reads the lake and writes back to one folder of it."""
        lake = self._lake
        role = TaskRole(
            self,
            "Role",
            assumed_by=iam.CompositePrincipal(
                acting(self, "redshift"), acting(self, "redshift-serverless")
            ),
            description="Spectrum, COPY and UNLOAD of the warehouse",
            statements=[
                *reading({lake.raw: lake.raw_prefix, lake.curated: CURATED_PREFIX}, lake.key),
                Allow(
                    "ReadCatalog",
                    [
                        *("glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition"),
                        *("glue:GetPartitions", "glue:GetTable", "glue:GetTables"),
                    ],
                    [
                        self.format_arn(service="glue", resource="catalog"),
                        self.format_arn(
                            service="glue", resource="database", resource_name=lake.database_name
                        ),
                        *lake.catalog.table_arns,
                    ],
                ),
                Allow(
                    "AskLakeFormation",
                    ["lakeformation:GetDataAccess"],
                    ["*"],
                    why="Lake Formation knows no resource for this action; its grants decide",
                ),
                Allow(
                    "Unload",
                    ["s3:AbortMultipartUpload", "s3:PutObject"],
                    [lake.curated.arn_for_objects(f"{UNLOAD_PREFIX}*")],
                    why="UNLOAD names its files",
                ),
                Allow("EncryptUnloaded", ["kms:GenerateDataKey"], [lake.key.key_arn]),
            ],
        )
        allow_outside_vpc(role)  # Spectrum's own machines read, not the workgroup's
        grant(self, "SpectrumGrant", lake.catalog, role, ("DESCRIBE", "SELECT"))
        return role

    def _namespace(self) -> redshift.CfnNamespace:
        password = self.secret.secret_value_from_json("password")
        namespace = redshift.CfnNamespace(
            self,
            "Namespace",
            namespace_name=self.name,
            db_name=self._warehouse.database,
            admin_username=ADMINISTRATOR,
            # A reference that CloudFormation resolves: the template holds no password.
            admin_user_password=password.unsafe_unwrap(),
            kms_key_id=self._lake.key.key_arn,
            iam_roles=[self.role.role_arn],
            default_iam_role_arn=self.role.role_arn,
            log_exports=list(EXPORTS),
        )
        namespace.apply_removal_policy(self.removal)
        for export in EXPORTS:  # Redshift would make them without an end
            group = PlatformLogGroup(
                self,
                f"{export.removesuffix('log').title()}Log",
                group_name=f"/aws/redshift/{self.name}/{export}",
                key=self._lake.key,
                kept=self.settings.lake.log_days,
            )
            namespace.node.add_dependency(group)
        return namespace

    def _workgroup(self) -> redshift.CfnWorkgroup:
        network = self._network
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=network.vpc,
            description="Warehouse: answers jobs, reads the lake",
            allow_all_outbound=False,
        )
        https = ec2.Port.tcp(443)
        self.security_group.add_ingress_rule(
            network.job_security_group, ec2.Port.tcp(5439), "SQL of jobs and functions"
        )
        self.security_group.add_egress_rule(
            ec2.Peer.prefix_list(self.settings.network.s3_prefix_list), https, "COPY and UNLOAD"
        )
        workgroup = redshift.CfnWorkgroup(
            self,
            "Workgroup",
            workgroup_name=self.name,
            namespace_name=self.namespace.ref,
            base_capacity=self._warehouse.base_capacity,
            max_capacity=self._warehouse.max_capacity,
            enhanced_vpc_routing=True,
            publicly_accessible=False,
            subnet_ids=[subnet.subnet_id for subnet in network.job_subnets],
            security_group_ids=[self.security_group.security_group_id],
            config_parameters=[
                redshift.CfnWorkgroup.ConfigParameterProperty(
                    parameter_key=key, parameter_value=value
                )
                for key, value in (
                    ("enable_user_activity_logging", "true"),
                    ("max_query_execution_time", "3600"),
                    ("require_ssl", "true"),
                )
            ],
        )
        workgroup.apply_removal_policy(self.removal)
        return workgroup

    def _rotation(self) -> None:
        function = PlatformFunction(
            self,
            "rotate_password",
            description="Changes the password of the warehouse's administrator",
            network=self._network,
            key=self._lake.key,
            timeout=cdk.Duration.minutes(5),
            statements=[
                Allow(
                    "RotateSecret",
                    [
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage",
                    ],
                    [self.secret.secret_arn],
                ),
                Allow(
                    "MakePassword",
                    ["secretsmanager:GetRandomPassword"],
                    ["*"],
                    why="a random password belongs to no resource",
                ),
                Allow(
                    "SetPassword",
                    ["redshift-serverless:GetNamespace", "redshift-serverless:UpdateNamespace"],
                    [self.namespace.attr_namespace_namespace_arn],
                ),
            ],
        )
        permission = lambda_.CfnPermission(
            self,
            "RotationPermission",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=self.account,
            source_arn=self.secret.secret_arn,
        )
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Rotation",
            secret_id=self.secret.secret_arn,
            rotation_lambda_arn=function.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=self._warehouse.rotation_days
            ),
            rotate_immediately_on_update=False,  # the namespace has this password already
        )
        schedule.node.add_dependency(permission, self.namespace, function.task_role)

    def _usage_limit(self) -> None:
        arn = self.workgroup.attr_workgroup_workgroup_arn
        function = PlatformFunction(
            self,
            "usage_limit",
            description="Limits what the warehouse may compute",
            network=self._network,
            key=self._lake.key,
            statements=[
                Allow(
                    "Limit",
                    [
                        "redshift-serverless:CreateUsageLimit",
                        "redshift-serverless:DeleteUsageLimit",
                        "redshift-serverless:ListUsageLimits",
                        "redshift-serverless:UpdateUsageLimit",
                    ],
                    ["*"],
                    why="of usage limits IAM knows no resource but all",
                )
            ],
        )
        cdk.CustomResource(
            self,
            "DailyLimit",
            service_token=function.function_arn,
            resource_type="Custom::UsageLimit",
            properties={
                "ResourceArn": arn,
                "UsageType": "serverless-compute",
                "Period": "daily",
                "Amount": str(self._warehouse.daily_rpu_hours),
                "BreachAction": "deactivate",
            },
        )
