"""The lake: key, buckets, and who brings data."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.access_point import access_point
from infra.constructs.audit import let_auditors_write
from infra.constructs.bucket import Access, access_logs, bucket, restrict
from infra.constructs.catalog import Catalog
from infra.constructs.function import PlatformFunction
from infra.constructs.key import PlatformKey
from infra.constructs.policy import Allow
from infra.constructs.queries import RESULTS_PREFIX, work_group
from infra.constructs.role import TaskRole
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings
from infra.stacks.network import Network


class Lake(PlatformStack):
    """Buckets raw, curated, features, artifacts and logs, under one key; the catalog's database."""

    def __init__(self, scope: Construct, settings: Settings, network: Network) -> None:
        super().__init__(scope, "lake", settings, "Data lake: buckets, catalog, queries")
        self.raw_prefix = settings.lake.raw_prefix
        self.database_name = f"{settings.application}_{settings.environment}".replace("-", "_")
        self.key = PlatformKey(
            self,
            "Key",
            alias=f"alias/{settings.prefix}-lake",
            description=f"Data of {settings.prefix}",
            log_groups="*",
            # Trails, messages of alarms and rules in encrypted topics and queues, log delivery.
            services=("budgets", "cloudtrail", "cloudwatch", "delivery.logs", "events", "sns"),
        )
        self.access_logs = access_logs(self)
        self.raw = bucket(self, "Raw", self.key, self.access_logs, event_bridge=True)
        self.curated = bucket(
            self,
            "Curated",
            self.key,
            self.access_logs,
            rules=[
                s3.LifecycleRule(
                    id="query-results",
                    prefix=RESULTS_PREFIX,
                    expiration=cdk.Duration.days(settings.lake.query_result_days),
                )
            ],
        )
        self.features = bucket(self, "Features", self.key, self.access_logs)
        self.artifacts = bucket(self, "Artifacts", self.key, self.access_logs)
        self.logs = bucket(self, "Logs", self.key, self.access_logs)
        let_auditors_write(self.logs, self)
        self.producer_role = self._producer()
        for each in (self.raw, self.curated, self.features, self.artifacts):
            restrict(each, self._access(network))
        self.catalog = Catalog(
            self, self.database_name, raw=self.raw, curated=self.curated, key=self.key
        )
        self.work_group = work_group(self, self.curated, self.key)
        for team in settings.lake.teams:
            access_point(self, getattr(self, team.bucket), team, network)
        if not settings.retain_data:
            self._emptied(network)
        for name, each in (
            ("Raw", self.raw),
            ("Curated", self.curated),
            ("Features", self.features),
            ("Artifacts", self.artifacts),
            ("Logs", self.logs),
        ):
            self.output(f"{name}BucketName", each.bucket_name, f"The {name.lower()} bucket")
        self.output("RawPrefix", self.raw_prefix, "Where new review files land")
        self.output(
            "ProducerRoleArn", self.producer_role.role_arn, "Whoever brings new files assumes it"
        )

    def _producer(self) -> TaskRole:
        """Return the role that brings new files: it writes below the raw prefix and reads nothing."""
        return TaskRole(
            self,
            "ProducerRole",
            assumed_by=iam.AccountPrincipal(self.account),
            description="Brings review files to the raw bucket",
            kind="producer",
            statements=[
                Allow(
                    "BringFiles",
                    ["s3:AbortMultipartUpload", "s3:PutObject"],
                    [self.raw.arn_for_objects(f"{self.raw_prefix}*")],
                    why="files below the raw prefix have names of the producer's choice",
                ),
                Allow(
                    "EncryptThem",
                    ["kms:Decrypt", "kms:GenerateDataKey"],  # a multipart upload reads its key
                    [self.key.key_arn],
                ),
            ],
        )

    def _emptied(self, network: Network) -> None:
        """Empty every bucket before it is deleted: the last that happens to the data."""
        buckets = (self.raw, self.curated, self.features, self.artifacts, self.logs)
        all_ = (*buckets, self.access_logs)
        function = PlatformFunction(
            self,
            "empty_bucket",
            description="Empties a bucket before it is deleted",
            network=network,
            key=self.key,
            timeout=cdk.Duration.minutes(15),
            statements=[
                Allow(
                    "FindVersions",
                    ["s3:ListBucketVersions"],
                    [each.bucket_arn for each in all_],
                ),
                Allow(
                    "DeleteVersions",
                    ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    [each.arn_for_objects("*") for each in all_],
                    why="all objects of the buckets of this stack",
                ),
            ],
        )
        for each in all_:
            emptied = cdk.CustomResource(
                self,
                f"{each.node.id}Emptied",
                service_token=function.function_arn,
                resource_type="Custom::EmptyBucket",
                properties={"BucketName": each.bucket_name},
            )
            emptied.node.add_dependency(each)  # and its policy, that lets the function in

    def _access(self, network: Network) -> Access:
        deployers = self.format_arn(
            service="iam", region="", resource="role", resource_name="cdk-hnb659fds-*"
        )
        return Access(
            endpoint=network.s3_endpoint.vpc_endpoint_id,
            exempt=(self.producer_role.role_arn, deployers, *self.settings.lake.deployers),
        )
