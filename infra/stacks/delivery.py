"""Delivery: from an approval to staging, from a second person's approval to production."""

import json

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.event_queue import WorkQueue, from_queue, rule_to
from infra.constructs.function import PlatformFunction
from infra.constructs.job_roles import MODELS, reads
from infra.constructs.leftovers import alarms_of, leftovers, releases_of
from infra.constructs.people_roles import arn, passes
from infra.constructs.policy import Allow
from infra.constructs.runbook import runbook
from infra.constructs.stack import PlatformStack
from infra.constructs.topic import alarm_topic
from infra.settings.model import Settings
from infra.stacks.lake import Lake
from infra.stacks.ml import Ml
from infra.stacks.network import Network

TIMEOUT = 60  # seconds of the functions that release
AGAIN = 60  # seconds until one that found its endpoint busy tries again
ATTEMPTS = 240  # so it waits for four hours
# Requests of the smoke test, and what a prediction may be.
SMOKE = ("I love it, it works as described.", "It broke after two days. A waste of money.")
LABELS = (1, 2, 3, 4, 5)
SETTLED = ["IN_SERVICE", "FAILED", "UPDATE_ROLLBACK_FAILED"]


class Delivery(PlatformStack):
    """Rules, queues and functions of releases, and the topic that is told when one goes wrong."""

    def __init__(
        self, scope: Construct, settings: Settings, network: Network, lake: Lake, ml: Ml
    ) -> None:
        super().__init__(scope, "delivery", settings, "Delivery: staging, test, production")
        self._network, self._lake, self._ml = network, lake, ml
        self.staging_endpoint = ml.staging_endpoint
        self.production_endpoint = ml.production_endpoint
        self.topic: sns.Topic = alarm_topic(self, lake.key)
        releases = self._queue("Releases")
        promotions = self._queue("Promotions")
        self.functions = [
            self._release(releases),
            self._verify(),
            self._promote(promotions),
            self._outcome(),
        ]
        if ml.leftovers:
            self._leftovers(ml.leftovers)
        self.output("AlarmTopicArn", self.topic.topic_arn, "Who wants to know subscribes here")
        self.output("StagingEndpointName", self.staging_endpoint, "Where a model is tested")
        self.output("ProductionEndpointName", self.production_endpoint, "Where a model serves")

    def _queue(self, name: str) -> WorkQueue:
        return WorkQueue(
            self, name, self._lake.key, timeout=TIMEOUT, attempts=ATTEMPTS, again=AGAIN
        )

    def _release(self, queue: WorkQueue) -> PlatformFunction:
        lake = self._lake
        function = self._function(
            "release",
            "An approved model package goes to staging",
            queue.dead,
            self._place(self.staging_endpoint),
            [
                queue.taking(),
                *self._releasing(self.staging_endpoint),
                *reads({lake.artifacts: (MODELS,)}),
                self._packages(),
            ],
        )
        from_queue(self, "Releasing", queue, function)
        self._rule(
            "Approved",
            "A model package was approved or rejected",
            {
                "ModelApprovalStatus": ["Approved", "Rejected"],
                "UpdatedModelPackageFields": ["ModelApprovalStatus"],
            },
            queue,
        )
        return function

    def _verify(self) -> PlatformFunction:
        delivery = self.settings.delivery
        lines = [json.dumps({"features": [text]}) for text in SMOKE]
        function = self._function(
            "verify",
            "What staging serves is tested",
            None,
            {
                "ENDPOINT_NAME": self.staging_endpoint,
                "SMOKE_LINES": "\n".join(lines),
                "LABELS": ",".join(str(label) for label in LABELS),
                "LOAD_SECONDS": str(delivery.load_seconds),
                "LOAD_CALLERS": str(delivery.load_callers),
                "MAX_ERRORS": str(delivery.max_errors),
                "MAX_P95_MS": str(delivery.max_p95_ms),
                "MIN_REQUESTS": str(delivery.load_callers),
            },
            [
                *self._looking(self.staging_endpoint),
                Allow(
                    "MarkAsVerified",
                    ["sagemaker:AddTags"],
                    [arn(self, "model", f"{self.staging_endpoint}-v*")],
                    why="each release has a name of its own",
                ),
                Allow(
                    "Call",
                    ["sagemaker:InvokeEndpoint"],
                    [arn(self, "endpoint", self.staging_endpoint)],
                ),
                self._packages(),
            ],
            timeout=delivery.load_seconds + 240,
        )
        self._settled("StagingSettled", self.staging_endpoint, function)
        return function

    def _promote(self, queue: WorkQueue) -> PlatformFunction:
        delivery = self.settings.delivery
        production, staging = self.production_endpoint, self.staging_endpoint
        function = self._function(
            "promote",
            "A verified model package goes to production when a second person approves",
            queue.dead,
            {
                **self._place(production),
                "STAGING_ENDPOINT_NAME": staging,
                "MAX_ERRORS": str(delivery.max_errors),
                "MAX_LATENCY_MS": str(delivery.max_latency_ms),
                "ALARM_PERIOD": str(delivery.alarm_period),
                "CANARY_PERCENT": str(delivery.canary_percent),
                "CANARY_SECONDS": str(delivery.canary_seconds),
                "FINAL_SECONDS": str(delivery.final_seconds),
                "TOPIC_ARN": self.topic.topic_arn,
                "RUNBOOK": runbook(self.settings, "release-rolled-back"),
            },
            [
                queue.taking(),
                *self._releasing(production),
                Allow(
                    "SeeWhatStagingFound",
                    ["sagemaker:DescribeModel", "sagemaker:ListTags"],
                    [arn(self, "model", f"{staging}-v*")],
                    why="each release has a name of its own",
                ),
                Allow(
                    "GuardReleases",
                    ["cloudwatch:PutMetricAlarm"],
                    [alarms_of(self, production)],
                    why="each release has alarms of its own",
                ),
                Allow(
                    "CheckGuards",
                    ["cloudwatch:DescribeAlarms"],
                    ["*"],
                    why="SageMaker asks for the alarms of a release with the caller's permissions, by name",
                ),
                self._packages(),
            ],
        )
        from_queue(self, "Promoting", queue, function)
        self._rule(
            "ProductionDecided",
            "Production of a model package was approved or rejected",
            {
                "ModelLifeCycle": {
                    "Stage": ["Production"],
                    "StageStatus": ["Approved", "Rejected"],
                },
                "UpdatedModelPackageFields": ["ModelLifeCycle"],
            },
            queue,
        )
        return function

    def _outcome(self) -> PlatformFunction:
        production = self.production_endpoint
        function = self._function(
            "outcome",
            "How a release to production ended is written down",
            None,
            {"ENDPOINT_NAME": production},
            [
                *self._looking(production),
                Allow(
                    "FindGuards",
                    ["cloudwatch:DescribeAlarms"],
                    ["*"],
                    why="alarms are described by the beginning of their names",
                ),
                Allow(
                    "ForgetGuards",
                    ["cloudwatch:DeleteAlarms"],
                    [alarms_of(self, production)],
                    why="each release has alarms of its own",
                ),
                self._packages(),
            ],
        )
        self._settled("ProductionSettled", production, function)
        return function

    def _function(
        self,
        folder: str,
        description: str,
        failures: sqs.IQueue | None,
        environment: dict[str, str],
        statements: list[Allow],
        timeout: int = TIMEOUT,
    ) -> PlatformFunction:
        function = PlatformFunction(
            self,
            folder,
            description=description,
            network=self._network,
            key=self._lake.key,
            environment=environment,
            statements=statements,
            failures=failures,
            timeout=cdk.Duration.seconds(timeout),
        )
        for policy in self._ml.guardrails:
            function.task_role.add_managed_policy(policy)
        return function

    def _rule(
        self, name: str, description: str, detail: dict[str, object], queue: WorkQueue
    ) -> None:
        """Hand events of the model's packages to a queue."""
        pattern = events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Model Package State Change"],
            detail={"ModelPackageGroupName": [self._ml.group_name], **detail},
        )
        rule_to(self, name, description, pattern, queue)

    def _settled(self, name: str, endpoint: str, function: PlatformFunction) -> None:
        """Call a function when an endpoint is in service, or has failed."""
        pattern = events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Endpoint State Change"],
            detail={"EndpointName": [endpoint], "EndpointStatus": SETTLED},
        )
        rule_to(self, name, f"{endpoint} is in service, or has failed", pattern, function)

    def _place(self, endpoint: str) -> dict[str, str]:
        """Return the environment of a function that releases to an endpoint."""
        network = self._network
        return {
            "ENDPOINT_NAME": endpoint,
            "SERVING_ROLE": self._ml.roles["serving"].role_arn,
            "SUBNETS": ",".join(subnet.subnet_id for subnet in network.job_subnets),
            "SECURITY_GROUPS": network.job_security_group.security_group_id,
            "KMS_KEY": self._lake.key.key_arn,
            "TAGS": ",".join(f"{key}={value}" for key, value in self.settings.tags.items()),
        }

    def _looking(self, endpoint: str) -> list[Allow]:
        """Return what lets a function see what an endpoint serves."""
        return [
            Allow(
                "SeeEndpoint",
                ["sagemaker:DescribeEndpoint", "sagemaker:ListTags"],
                [arn(self, "endpoint", endpoint)],
            ),
            Allow(
                "SeeReleases",
                [
                    "sagemaker:DescribeEndpointConfig",
                    "sagemaker:DescribeModel",
                    "sagemaker:ListTags",
                ],
                releases_of(self, endpoint),
                why="each release has a name of its own",
            ),
        ]

    def _releasing(self, endpoint: str) -> list[Allow]:
        """Return what lets a function release models to an endpoint."""
        return [
            *self._looking(endpoint),
            Allow(
                "MakeReleases",
                ["sagemaker:AddTags", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModel"],
                releases_of(self, endpoint),
                why="each release has a name of its own",
            ),
            Allow(
                "Release",
                [
                    "sagemaker:AddTags",
                    "sagemaker:CreateEndpoint",
                    "sagemaker:DeleteEndpoint",
                    "sagemaker:UpdateEndpoint",
                ],
                [arn(self, "endpoint", endpoint), *releases_of(self, endpoint)[:1]],
                why="CreateEndpoint and UpdateEndpoint ask for the configuration too, whose name is new",
            ),
            passes([self._ml.roles["serving"]]),
            Allow(
                "EncryptVolumes",
                ["kms:CreateGrant", "kms:DescribeKey"],
                [self._lake.key.key_arn],
            ),
        ]

    def _packages(self) -> Allow:
        """Return what lets a function read a model package and write into its trail."""
        return Allow(
            "WriteTrail",
            ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"],
            self._ml.names.packages_arns(self),
            why="each version has a number of its own",
        )

    def _leftovers(self, function: PlatformFunction) -> None:
        """Delete the endpoints and what their releases made, when the stack goes."""
        leftovers(
            self,
            function,
            {"EndpointNames": [self.staging_endpoint, self.production_endpoint]},
        )
