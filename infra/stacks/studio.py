"""SageMaker Studio: inside the VPC, a profile for each persona, apps that end when nobody works."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.constructs.function import PlatformFunction
from infra.constructs.policy import Allow, explain
from infra.constructs.stack import PlatformStack
from infra.settings.check import SettingsError, one_of
from infra.settings.model import Settings
from infra.settings.model import Studio as StudioSettings
from infra.stacks.lake import Lake
from infra.stacks.network import Network

# What a space shows that no notebook runs on.
SYSTEM = "system"
# A JupyterLab space writes this when it starts. The SDK then asks for jobs as the guardrails want them.
DEFAULTS = """#!/bin/bash
set -eu
mkdir -p "$HOME/.config/sagemaker"
cat > "$HOME/.config/sagemaker/config.yaml" <<'END'
SchemaVersion: "1.0"
SageMaker:
  TrainingJob:
    EnableInterContainerTrafficEncryption: true
    EnableNetworkIsolation: true
    OutputDataConfig: {{KmsKeyId: "{key}"}}
    ResourceConfig: {{VolumeKmsKeyId: "{key}"}}
    VpcConfig: {vpc}
  ProcessingJob:
    NetworkConfig:
      EnableInterContainerTrafficEncryption: true
      VpcConfig: {vpc}
    ProcessingOutputConfig: {{KmsKeyId: "{key}"}}
    ProcessingResources:
      ClusterConfig: {{VolumeKmsKeyId: "{key}"}}
END
"""
Domain = sagemaker.CfnDomain


class Studio(PlatformStack):
    """Domain, lifecycle configuration, user profiles with their personas' roles."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        studio: StudioSettings,
        network: Network,
        lake: Lake,
        roles: Mapping[str, iam.IRole],
    ) -> None:
        super().__init__(scope, "studio", settings, "SageMaker Studio for every persona")
        self._studio, self._network, self._lake = studio, network, lake
        for name, kind in studio.profiles:
            if kind not in roles:
                raise SettingsError(
                    f"settings of {settings.environment}: `studio.profiles`: {name}: expected "
                    f"{one_of(tuple(roles))}, found {kind!r}"
                )
        personas = {kind: roles[kind] for _, kind in studio.profiles}
        self.domain = self._domain(next(iter(personas.values())))
        self._let_in(personas)
        end = None if settings.retain_data else self._end()
        for name, kind in studio.profiles:
            profile = sagemaker.CfnUserProfile(
                self,
                f"{name.title().replace('-', '')}Profile",
                domain_id=self.domain.attr_domain_id,
                user_profile_name=name,
                user_settings=sagemaker.CfnUserProfile.UserSettingsProperty(
                    execution_role=roles[kind].role_arn,
                    security_groups=[network.job_security_group.security_group_id],
                ),
            )
            if end:  # a profile is deleted before the domain is ended
                profile.node.add_dependency(end)
        self.output("DomainId", self.domain.attr_domain_id, "The Studio domain")

    def _defaults(self) -> sagemaker.CfnStudioLifecycleConfig:
        network = self._network
        subnets = ", ".join(f'"{subnet.subnet_id}"' for subnet in network.job_subnets)
        group = network.job_security_group.security_group_id
        vpc = f'{{SecurityGroupIds: ["{group}"], Subnets: [{subnets}]}}'
        return sagemaker.CfnStudioLifecycleConfig(
            self,
            "Defaults",
            studio_lifecycle_config_name=f"{self.settings.prefix}-defaults",
            studio_lifecycle_config_app_type="JupyterLab",
            studio_lifecycle_config_content=cdk.Fn.base64(
                DEFAULTS.format(key=self._lake.key.key_arn, vpc=vpc)
            ),
        )

    def _domain(self, role: iam.IRole) -> sagemaker.CfnDomain:
        network = self._network
        defaults = self._defaults().attr_studio_lifecycle_config_arn
        idle = Domain.AppLifecycleManagementProperty(
            idle_settings=Domain.IdleSettingsProperty(
                lifecycle_management="ENABLED",
                idle_timeout_in_minutes=self._studio.idle_minutes,
                # A person may choose to be shut down sooner, not later.
                min_idle_timeout_in_minutes=60,
                max_idle_timeout_in_minutes=self._studio.idle_minutes,
            )
        )
        return Domain(
            self,
            "Domain",
            domain_name=self.settings.prefix,
            auth_mode="IAM",
            app_network_access_type="VpcOnly",
            vpc_id=network.vpc.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in network.job_subnets],
            kms_key_id=self._lake.key.key_arn,
            tag_propagation="ENABLED",
            default_user_settings=Domain.UserSettingsProperty(
                execution_role=role.role_arn,
                security_groups=[network.job_security_group.security_group_id],
                studio_web_portal="ENABLED",
                default_landing_uri="studio::",
                jupyter_lab_app_settings=Domain.JupyterLabAppSettingsProperty(
                    app_lifecycle_management=idle,
                    default_resource_spec=Domain.ResourceSpecProperty(
                        instance_type=self._studio.instance_types[0],
                        lifecycle_config_arn=defaults,
                    ),
                    lifecycle_config_arns=[defaults],
                ),
                code_editor_app_settings=Domain.CodeEditorAppSettingsProperty(
                    app_lifecycle_management=idle
                ),
            ),
            domain_settings=Domain.DomainSettingsProperty(
                # CloudTrail then tells who it was, not only whose role it was.
                execution_role_identity_config="USER_PROFILE_NAME",
                security_group_ids=[network.job_security_group.security_group_id],
                docker_settings=Domain.DockerSettingsProperty(enable_docker_access="DISABLED"),
            ),
        )

    def _end(self) -> cdk.CustomResource:
        """End the domain with all that people made in it, before CloudFormation deletes it."""
        inside = [
            self.format_arn(
                service="sagemaker",
                resource=kind,
                resource_name=f"{self.domain.attr_domain_id}/*",
            )
            for kind in ("app", "space")
        ]
        function = PlatformFunction(
            self,
            "studio_end",
            description="Ends the Studio domain with all that is in it",
            network=None,
            key=self._lake.key,
            timeout=cdk.Duration.minutes(15),
            statements=[
                Allow(
                    "EndDomain",
                    [
                        *("sagemaker:DeleteApp", "sagemaker:DeleteDomain"),
                        *("sagemaker:DeleteSpace", "sagemaker:DescribeDomain"),
                    ],
                    [self.domain.attr_domain_arn, *inside],
                    why="apps and spaces of this domain, named by who made them",
                ),
                Allow(
                    "FindWhatIsInIt",
                    ["ec2:DescribeSecurityGroups", "sagemaker:ListApps", "sagemaker:ListSpaces"],
                    ["*"],
                    why="for listing, IAM knows no resource",
                ),
                Allow(
                    "DeleteGroups",
                    [
                        "ec2:DeleteSecurityGroup",
                        *("ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"),
                    ],
                    [self.format_arn(service="ec2", resource="security-group", resource_name="*")],
                    {"ArnEquals": {"ec2:Vpc": self._network.vpc.vpc_arn}},
                    why="SageMaker gives the two groups their ids; only in this VPC",
                ),
            ],
        )
        return cdk.CustomResource(
            self,
            "DomainEnd",
            service_token=function.function_arn,
            resource_type="Custom::StudioEnd",
            properties={"DomainId": self.domain.attr_domain_id},
        )

    def _let_in(self, personas: Mapping[str, iam.IRole]) -> None:
        """Let the personas' roles work in this domain, on the instance types of the settings."""
        id_ = self.domain.attr_domain_id
        arns = {
            kind: self.format_arn(service="sagemaker", resource=kind, resource_name=f"{id_}/*")
            for kind in ("app", "space", "user-profile")
        }
        allowed = [
            Allow(
                "Open",
                ["sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"],
                [arns["user-profile"]],
                why="profiles of this domain",
            ),
            Allow("LookAtDomain", ["sagemaker:DescribeDomain"], [self.domain.attr_domain_arn]),
            Allow(
                "Work",
                [
                    *(f"sagemaker:{verb}App" for verb in ("Create", "Delete", "Describe")),
                    *(f"sagemaker:{verb}Space" for verb in ("Create", "Delete", "Describe")),
                    "sagemaker:AddTags",
                    "sagemaker:UpdateSpace",
                ],
                [arns["app"], arns["space"]],
                why="apps and spaces of this domain, named by who makes them",
            ),
            Allow(
                "List",
                ["sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"],
                ["*"],
                why="for listing, IAM knows no resource",
            ),
        ]
        other_types = iam.PolicyStatement(
            sid="OtherInstanceTypes",
            effect=iam.Effect.DENY,
            actions=["sagemaker:CreateApp", "sagemaker:CreateSpace", "sagemaker:UpdateSpace"],
            resources=["*"],
            conditions={
                "ForAnyValue:StringNotEquals": {
                    "sagemaker:InstanceTypes": [*self._studio.instance_types, SYSTEM]
                }
            },
        )
        policy = iam.CfnManagedPolicy(
            self,
            "People",
            description="Work in Studio, on instance types of the settings",
            roles=[role.role_name for role in personas.values()],
            policy_document=iam.PolicyDocument(
                statements=[*(each.statement() for each in allowed), other_types]
            ),
        )
        explain(policy, {each.sid: each.why for each in allowed})
