"""Triggers: files that land start one execution once it is quiet; a schedule starts one with all files."""

import json

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.event_queue import WorkQueue, rule_to
from infra.constructs.function import PlatformFunction
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings
from infra.stacks.lake import Lake
from infra.stacks.ml import Ml
from infra.stacks.network import Network

TIMEOUT = 60  # seconds of the function
BATCH = 500  # messages


class Triggers(PlatformStack):
    """Rule, queue and function that start the pipeline."""

    def __init__(
        self, scope: Construct, settings: Settings, network: Network, lake: Lake, ml: Ml
    ) -> None:
        super().__init__(scope, "triggers", settings, "Triggers: what starts the pipeline")
        self._lake, self._ml = lake, ml
        self.add_stack_dependency(ml)  # by name only: what it starts must be there first
        self.queue = WorkQueue(self, "Landed", lake.key, timeout=TIMEOUT, attempts=5)
        self.table = self._table()
        self.function = self._function(network)
        lambda_.EventSourceMapping(
            self,
            "FromQueue",
            target=self.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=BATCH,
            max_batching_window=cdk.Duration.seconds(1),
            # Few at a time: they change one item.
            max_concurrency=2,
            report_batch_item_failures=True,
        )
        rule_to(
            self,
            "FileLanded",
            "A file landed below the raw prefix",
            events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                # Only there: what executions write starts none.
                detail={
                    "bucket": {"name": [lake.raw.bucket_name]},
                    "object": {"key": [{"prefix": lake.raw_prefix}]},
                },
            ),
            self.queue,
        )
        if settings.triggers.schedule:
            self._nightly(settings.triggers.schedule)
        self.output(
            "DebounceWindowSeconds",
            str(settings.triggers.quiet_seconds),
            "Seconds without a new file after which an execution starts",
        )

    def _table(self) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            "Windows",
            partition_key=dynamodb.Attribute(name="Pipeline", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self._lake.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=self.removal,
        )
        acknowledge(
            table,
            "The item is what waits for the next minutes; whoever lost it would start the pipeline by hand",
            "NIST.800.53.R5-DynamoDBInBackupPlan",
            "HIPAA.Security-DynamoDBInBackupPlan",
        )
        return table

    def _function(self, network: Network) -> PlatformFunction:
        lake, ml = self._lake, self._ml
        return PlatformFunction(
            self,
            "debounce",
            description="One execution for files that landed together",
            network=network,
            key=lake.key,
            timeout=cdk.Duration.seconds(TIMEOUT),
            failures=self.queue.dead,
            environment={
                "PIPELINE_NAME": ml.pipeline_name,
                "TABLE_NAME": self.table.table_name,
                "QUEUE_URL": self.queue.queue_url,
                "RAW_BUCKET": lake.raw.bucket_name,
                "RAW_PREFIX": lake.raw_prefix,
                "QUIET_SECONDS": str(self.settings.triggers.quiet_seconds),
            },
            statements=[
                self.queue.taking(),
                Allow("SendTicks", ["sqs:SendMessage"], [self.queue.queue_arn]),
                Allow(
                    "KeepState", ["dynamodb:GetItem", "dynamodb:PutItem"], [self.table.table_arn]
                ),
                Allow(
                    "StartPipeline",
                    ["sagemaker:ListPipelineExecutions", "sagemaker:StartPipelineExecution"],
                    [ml.pipeline_arn],
                ),
            ],
        )

    def _nightly(self, schedule: str) -> None:
        """Send a message to the queue at a time of the day: as if a file of the raw prefix had landed."""
        role = TaskRole(
            self,
            "ScheduleRole",
            assumed_by=acting(self, "scheduler"),
            description="Sends the nightly message",
            statements=[
                Allow("SendMessage", ["sqs:SendMessage"], [self.queue.queue_arn]),
                Allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [self._lake.key.key_arn]),
            ],
        )
        scheduler.CfnSchedule(
            self,
            "Nightly",
            description="Starts the pipeline with all files",
            schedule_expression=schedule,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            kms_key_arn=self._lake.key.key_arn,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.queue.queue_arn,
                role_arn=role.role_arn,
                input=json.dumps({"schedule": "nightly"}),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self.queue.dead.queue_arn
                ),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=10, maximum_event_age_in_seconds=3600
                ),
            ),
        )
        role.allow(Allow("ReportFailure", ["sqs:SendMessage"], [self.queue.dead.queue_arn]))
