"""Machine learning: roles and what they may not, the registry, the feature group, the pipeline."""

import aws_cdk as cdk
from constructs import Construct

from infra.constructs import job_roles, people_roles
from infra.constructs.catalog import CRAWLER_LOGS
from infra.constructs.function import PlatformFunction
from infra.constructs.guardrails import Guardrails
from infra.constructs.leftovers import leftovers, remover
from infra.constructs.people_roles import Names
from infra.constructs.policy import Allow
from infra.constructs.registry import Experiments, FeatureGroup, ModelPackageGroup
from infra.constructs.reviews_pipeline import ReviewsPipeline, Values
from infra.constructs.role import TaskRole
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings
from infra.stacks.lake import Lake
from infra.stacks.network import Network

LOG_GROUPS = ("ProcessingJobs", "TrainingJobs", "TransformJobs")


class Ml(PlatformStack):
    """Job roles and people's, guardrails, model package group, feature group, MLflow, pipeline."""

    def __init__(self, scope: Construct, settings: Settings, network: Network, lake: Lake) -> None:
        super().__init__(scope, "ml", settings, "Machine learning: roles, registry, pipeline")
        self._network, self._lake = network, lake
        self.group_name = settings.ml.group_name
        self.pipeline_name = f"{settings.prefix}-reviews"
        self.staging_endpoint = f"{settings.prefix}-staging"
        self.production_endpoint = f"{settings.prefix}-production"
        self.names = Names(self.pipeline_name, self.group_name)
        self.pipeline_arn = self.names.pipeline_arn(self)
        self.guardrails = self._guardrails().policies(self)
        self.roles = self._roles()
        group = ModelPackageGroup(self, self.group_name)
        FeatureGroup(self, f"{settings.prefix}-reviews", lake)
        if settings.ml.mlflow:
            Experiments(self, lake)
        self.pipeline = ReviewsPipeline(
            self, self.pipeline_name, self.roles["pipeline"], self._values(), network, lake
        )
        for role in self.roles.values():  # whoever starts an execution finds all that it needs
            if role.policy:
                self.pipeline.node.add_dependency(role.policy)
        self._log_groups()
        self.leftovers: PlatformFunction | None = None
        if not settings.retain_data:
            endpoints = (self.staging_endpoint, self.production_endpoint)
            self.leftovers = remover(self, network, lake.key, self.names, endpoints)
            what = {"PipelineName": self.pipeline_name, "ModelPackageGroupName": self.group_name}
            left = leftovers(self, self.leftovers, what)
            left.node.add_dependency(self.pipeline, group)
        self.output("PipelineName", self.pipeline_name, "The reviews pipeline")
        self.output("ModelPackageGroupName", self.group_name, "Versions of the model")
        for kind, role in self.roles.items():
            self.output(f"{kind.title()}RoleArn", role.role_arn, f"Role of kind {kind}")

    def _guardrails(self) -> Guardrails:
        ml = self.settings.ml
        return Guardrails(
            subnets=[subnet.subnet_id for subnet in self._network.job_subnets],
            security_groups=[self._network.job_security_group.security_group_id],
            key=self._lake.key.key_arn,
            job_types=ml.job_instance_types,
            serving_types=ml.serving_instance_types,
            max_runtime=ml.max_runtime,
            tags=self.settings.tags,
        )

    def _roles(self) -> dict[str, TaskRole]:
        lake, names = self._lake, self.names
        jobs = {
            "processing": job_roles.processing(self, lake),
            "training": job_roles.training(self, lake),
        }
        endpoints = (self.staging_endpoint, self.production_endpoint)
        people = {
            "pipeline": people_roles.pipeline(self, lake, names, list(jobs.values())),
            "scientist": people_roles.scientist(self, lake, names, list(jobs.values())),
            "ops": people_roles.ops(self, lake, names, endpoints),
        }
        for role in people.values():
            for policy in self.guardrails:
                role.add_managed_policy(policy)
        return {**jobs, "serving": job_roles.serving(self, lake), **people}

    def _values(self) -> Values:
        lake, network = self._lake, self._network
        return Values(
            bucket=lake.artifacts.bucket_name,
            features=lake.features.bucket_name,
            input_data=f"s3://{lake.raw.bucket_name}/{lake.raw_prefix}",
            group=self.group_name,
            key=lake.key.key_arn,
            roles={kind: role.role_arn for kind, role in self.roles.items()},
            subnets=[subnet.subnet_id for subnet in network.job_subnets],
            security_group=network.job_security_group.security_group_id,
            tags=self.settings.tags,
            parameters=self.settings.ml.parameters,
        )

    def _log_groups(self) -> None:
        """Keep the logs of SageMaker's jobs for a while, under the lake's key."""
        names = [f"/aws/sagemaker/{kind}" for kind in LOG_GROUPS]
        endpoints = f"/aws/sagemaker/Endpoints/{self.settings.prefix}-"
        function = PlatformFunction(
            self,
            "log_groups",
            description="Retention and key of the log groups that SageMaker makes",
            network=self._network,
            key=self._lake.key,
            timeout=cdk.Duration.minutes(5),
            statements=[
                Allow(
                    "KeepGroups",
                    [
                        "logs:AssociateKmsKey",
                        "logs:CreateLogGroup",
                        "logs:DeleteLogGroup",
                        "logs:PutRetentionPolicy",
                    ],
                    [log_group(self, f"{name}*") for name in (*names, endpoints, CRAWLER_LOGS)],
                    why="the ARN of a log group ends in :*, and endpoints and crawlers name theirs",
                ),
                Allow(
                    "FindGroups",
                    ["logs:DescribeLogGroups"],
                    ["*"],
                    why="groups are found by the beginning of their names",
                ),
            ],
        )
        cdk.CustomResource(
            self,
            "LogGroups",
            service_token=function.function_arn,
            resource_type="Custom::LogGroups",
            properties={
                "Names": names,
                "Days": str(self.settings.ml.log_days),
                "Key": self._lake.key.key_arn,
                # The groups are the account's; only a development account is emptied.
                "Remove": [] if self.settings.retain_data else [*names, endpoints, CRAWLER_LOGS],
            },
        )


def log_group(stack: PlatformStack, name: str) -> str:
    """Return the ARN of a log group."""
    colon = cdk.ArnFormat.COLON_RESOURCE_NAME
    return str(
        stack.format_arn(service="logs", resource="log-group", resource_name=name, arn_format=colon)
    )
