"""The catalog of the lake: database, tables of the reviews, the nightly crawler and who may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lakeformation as lakeformation
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.constructs.bucket import allow_outside_vpc
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from reviews.schema import COLUMNS, Date

TSV, PARQUET = "amazon_reviews_tsv", "amazon_reviews_parquet"
PARTITION = "product_category"
CATEGORIES = (
    *("Apparel", "Automotive", "Baby", "Beauty", "Books", "Camera", "Digital_Ebook_Purchase"),
    *("Digital_Music_Purchase", "Digital_Software", "Digital_Video_Download"),
    *("Digital_Video_Games", "Electronics", "Furniture", "Gift Card", "Grocery"),
    *("Health & Personal Care", "Home", "Home Entertainment", "Home Improvement", "Jewelry"),
    *("Kitchen", "Lawn and Garden", "Luggage", "Major Appliances", "Mobile_Apps"),
    *("Mobile_Electronics", "Music", "Musical Instruments", "Office Products", "Outdoors", "PC"),
    *("Personal_Care_Appliances", "Pet Products", "Shoes", "Software", "Sports", "Tools", "Toys"),
    *("Video", "Video DVD", "Video Games", "Watches", "Wireless"),
)
HIVE = "org.apache.hadoop.hive"
CURATED_PREFIX = "reviews/parquet/"
CRAWLER_LOGS = "/aws-glue/crawlers"  # how Glue begins the names of crawlers' log groups


@dataclass(frozen=True)
class Format:
    """How the files of a table are written."""

    input: str
    output: str
    serde: str
    parameters: dict[str, str]


TEXT = Format(
    "org.apache.hadoop.mapred.TextInputFormat",
    f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
    f"{HIVE}.serde2.lazy.LazySimpleSerDe",
    {"field.delim": "\t", "serialization.format": "\t"},
)
COLUMNAR = Format(
    f"{HIVE}.ql.io.parquet.MapredParquetInputFormat",
    f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    {},
)


class Catalog(Construct):
    """Database and tables in Glue; the raw TSV files as they land, the curated Parquet by category."""

    def __init__(
        self,
        stack: PlatformStack,
        name: str,
        *,
        raw: s3.IBucket,
        curated: s3.IBucket,
        key: kms.IKey,
    ) -> None:
        super().__init__(stack, "Catalog")
        self.stack, self.database_name = stack, name
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=stack.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=name, description="Customer reviews"
            ),
        )
        raw_prefix = stack.settings.lake.raw_prefix
        self.tables = [
            self._table(
                TSV,
                "Reviews as they landed: text, tab-separated, compressed by gzip",
                TEXT,
                raw.s3_url_for_object(raw_prefix),
                columns=[(each.name, hive(each.type, text=True)) for each in COLUMNS],
                parameters={
                    "classification": "csv",
                    "compressionType": "gzip",
                    "skip.header.line.count": "1",
                },
            ),
            self._table(
                PARQUET,
                "Reviews in columns, a folder for each category",
                COLUMNAR,
                curated.s3_url_for_object(CURATED_PREFIX),
                columns=[
                    *((each.name, hive(each.type)) for each in COLUMNS if each.name != PARTITION),
                    ("year", "int"),
                ],
                partition=[(PARTITION, "string")],
                parameters={
                    "classification": "parquet",
                    # Athena knows the partitions without asking, and needs no MSCK REPAIR TABLE.
                    "projection.enabled": "true",
                    f"projection.{PARTITION}.type": "enum",
                    f"projection.{PARTITION}.values": ",".join(CATEGORIES),
                },
            ),
        ]
        self._crawler(key, {raw: raw_prefix, curated: CURATED_PREFIX})

    def _table(
        self,
        name: str,
        description: str,
        format_: Format,
        location: str,
        *,
        columns: Sequence[tuple[str, str]],
        parameters: dict[str, str],
        partition: Sequence[tuple[str, str]] = (),
    ) -> glue.CfnTable:
        table = glue.CfnTable(
            self,
            name,
            catalog_id=self.stack.account,
            database_name=self.database_name,
            table_input=glue.CfnTable.TableInputProperty(
                name=name,
                description=description,
                table_type="EXTERNAL_TABLE",
                parameters={"EXTERNAL": "TRUE", **parameters},
                partition_keys=[glue.CfnTable.ColumnProperty(name=n, type=t) for n, t in partition],
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[glue.CfnTable.ColumnProperty(name=n, type=t) for n, t in columns],
                    location=location,
                    input_format=format_.input,
                    output_format=format_.output,
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library=format_.serde, parameters=format_.parameters
                    ),
                ),
            ),
        )
        table.node.add_dependency(self.database)
        return table

    def _crawler(self, key: kms.IKey, folders: dict[s3.IBucket, str]) -> None:
        """Add what looks every night for new columns and folders, and never deletes a table."""
        stack = self.stack
        self.crawler_role = TaskRole(
            self,
            "CrawlerRole",
            assumed_by=acting(stack, "glue"),
            description="Reads the lake's files and writes what it finds to the catalog",
            statements=[
                *reading(folders, key),
                Allow(
                    "WriteCatalog",
                    [
                        *("glue:BatchCreatePartition", "glue:BatchGetPartition"),
                        *("glue:BatchUpdatePartition", "glue:CreatePartition", "glue:GetDatabase"),
                        *("glue:GetPartition", "glue:GetPartitions", "glue:GetTable"),
                        *("glue:GetTables", "glue:UpdatePartition", "glue:UpdateTable"),
                    ],
                    [
                        stack.format_arn(service="glue", resource="catalog"),
                        stack.format_arn(
                            service="glue", resource="database", resource_name=self.database_name
                        ),
                        *self.table_arns,
                    ],
                ),
                Allow(
                    "WriteLog",
                    [
                        *("logs:AssociateKmsKey", "logs:CreateLogGroup"),
                        *("logs:CreateLogStream", "logs:PutLogEvents"),
                    ],
                    [
                        stack.format_arn(
                            service="logs",
                            resource="log-group",
                            resource_name=f"{CRAWLER_LOGS}*",
                            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                        )
                    ],
                    why="Glue names its log group after the security configuration",
                ),
                Allow("EncryptLog", ["kms:Encrypt", "kms:GenerateDataKey"], [key.key_arn]),
            ],
        )
        allow_outside_vpc(self.crawler_role)
        security = glue.CfnSecurityConfiguration(
            self,
            "Security",
            name=f"{stack.settings.prefix}-lake",
            encryption_configuration=glue.CfnSecurityConfiguration.EncryptionConfigurationProperty(
                cloud_watch_encryption=glue.CfnSecurityConfiguration.CloudWatchEncryptionProperty(
                    cloud_watch_encryption_mode="SSE-KMS", kms_key_arn=key.key_arn
                ),
                s3_encryptions=[
                    glue.CfnSecurityConfiguration.S3EncryptionProperty(
                        s3_encryption_mode="SSE-KMS", kms_key_arn=key.key_arn
                    )
                ],
            ),
        )
        crawler = glue.CfnCrawler(
            self,
            "Crawler",
            name=f"{stack.settings.prefix}-reviews",
            description="New columns and folders of the reviews",
            role=self.crawler_role.role_arn,
            crawler_security_configuration=security.ref,
            schedule=glue.CfnCrawler.ScheduleProperty(
                schedule_expression=stack.settings.lake.crawler_schedule
            ),
            targets=glue.CfnCrawler.TargetsProperty(
                catalog_targets=[
                    glue.CfnCrawler.CatalogTargetProperty(
                        database_name=self.database_name, tables=[TSV, PARQUET]
                    )
                ]
            ),
            # A catalog target wants LOG: what is gone from S3 is written down, not forgotten.
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
            recrawl_policy=glue.CfnCrawler.RecrawlPolicyProperty(
                recrawl_behavior="CRAWL_EVERYTHING"
            ),
        )
        for table in self.tables:
            crawler.node.add_dependency(table)
        crawler.node.add_dependency(
            grant(
                self,
                "CrawlerGrant",
                self,
                self.crawler_role,
                ("ALTER", "DESCRIBE", "INSERT", "SELECT"),
            )
        )

    @property
    def table_arns(self) -> list[str]:
        """Return the ARNs of the tables."""
        return [
            self.stack.format_arn(
                service="glue", resource="table", resource_name=f"{self.database_name}/{table}"
            )
            for table in (TSV, PARQUET)
        ]


def grant(
    scope: Construct, name: str, catalog: Catalog, role: iam.IRole, permissions: Sequence[str]
) -> lakeformation.CfnPrincipalPermissions:
    """Grant a role permissions on all tables of the catalog, in Lake Formation's terms."""
    granted = lakeformation.CfnPrincipalPermissions(
        scope,
        name,
        catalog=catalog.stack.account,
        principal=lakeformation.CfnPrincipalPermissions.DataLakePrincipalProperty(
            data_lake_principal_identifier=role.role_arn
        ),
        resource=lakeformation.CfnPrincipalPermissions.ResourceProperty(
            table=lakeformation.CfnPrincipalPermissions.TableResourceProperty(
                catalog_id=catalog.stack.account,
                database_name=catalog.database_name,
                table_wildcard={},
            )
        ),
        permissions=list(permissions),
        permissions_with_grant_option=[],
    )
    granted.node.add_dependency(catalog.database)
    return granted


def reading(folders: Mapping[s3.IBucket, str], key: kms.IKey) -> list[Allow]:
    """Return what lets a role read folders of buckets."""
    return [
        Allow(
            "ListFolders",
            ["s3:GetBucketLocation", "s3:ListBucket"],
            [bucket.bucket_arn for bucket in folders],
        ),
        Allow(
            "ReadFiles",
            ["s3:GetObject"],
            [bucket.arn_for_objects(f"{prefix}*") for bucket, prefix in folders.items()],
            why="all files below these folders, whatever their names",
        ),
        Allow("DecryptFiles", ["kms:Decrypt"], [key.key_arn]),
    ]


def hive(type_: object, *, text: bool = False) -> str:
    """Return Hive's name of a column's type; a date stays text in text."""
    if type_ is int:
        return "int"
    return "date" if type_ is Date and not text else "string"
