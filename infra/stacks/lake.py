"""The lake: key, buckets, and who brings data."""

from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.bucket import Access, access_logs, bucket, restrict
from infra.constructs.key import PlatformKey
from infra.constructs.policy import Allow
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
            services=("cloudtrail", "cloudwatch", "delivery.logs", "events", "sns"),
        )
        self.access_logs = access_logs(self)
        self.raw = bucket(self, "Raw", self.key, self.access_logs, event_bridge=True)
        self.curated = bucket(self, "Curated", self.key, self.access_logs)
        self.features = bucket(self, "Features", self.key, self.access_logs)
        self.artifacts = bucket(self, "Artifacts", self.key, self.access_logs)
        self.logs = bucket(self, "Logs", self.key, self.access_logs)
        self.producer_role = self._producer()
        for each in (self.raw, self.curated, self.features, self.artifacts):
            restrict(each, self._access(network))
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self.database_name, description="Customer reviews"
            ),
        )
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

    def _access(self, network: Network) -> Access:
        deployers = self.format_arn(
            service="iam", region="", resource="role", resource_name="cdk-hnb659fds-*"
        )
        return Access(
            endpoint=network.s3_endpoint.vpc_endpoint_id,
            exempt=(self.producer_role.role_arn, deployers, *self.settings.lake.deployers),
        )
