"""Operations: what people look at, what tells them, what is written down, and what ends by itself."""

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.alarms import Alarms, endpoint_metric, failures, pipeline_metric, waiting
from infra.constructs.audit import config_rules, trail
from infra.constructs.event_queue import rule_to
from infra.constructs.function import PlatformFunction
from infra.constructs.people_roles import arn, deny
from infra.constructs.policy import Allow
from infra.constructs.stack import PlatformStack
from infra.settings.model import Settings
from infra.stacks.delivery import Delivery
from infra.stacks.lake import Lake
from infra.stacks.ml import Ml
from infra.stacks.network import Network
from infra.stacks.triggers import Triggers

JOBS = {"training-job": "Training", "processing-job": "Processing", "transform-job": "Transform"}
SHARES = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))  # percent of the budget


class Operations(PlatformStack):
    """Dashboard, alarms, budget, trail, AWS Config; jobs that are stopped, endpoints that are deleted."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        network: Network,
        lake: Lake,
        ml: Ml,
        triggers: Triggers,
        delivery: Delivery,
    ) -> None:
        super().__init__(scope, "operations", settings, "Operations: alarms, costs, audit")
        self._network, self._lake, self._ml, self._delivery = network, lake, ml, delivery
        control = self._stop_noncompliant_jobs()
        self.functions: list[PlatformFunction] = [
            triggers.function,
            *delivery.functions,
            control,
            self._delete_idle_endpoints(),
        ]
        self._alarms(triggers)
        self._dashboard(triggers)
        self._budget()
        self._failed_executions()
        trail(self, lake.logs, lake.raw, lake.key)
        config_rules(self, lake.logs, lake.key)
        self.output("DashboardName", settings.prefix, "The dashboard in CloudWatch")

    def _alarms(self, triggers: Triggers) -> None:
        operations, production = self.settings.operations, self._delivery.production_endpoint
        alarms = Alarms(self, self._delivery.topic)
        alarms.ring(
            "PipelineFailed",
            "pipeline-failed",
            "An execution of the pipeline failed.",
            pipeline_metric("ExecutionFailed", self._ml.pipeline_name),
            0,
        )
        alarms.ring(
            "EndpointErrors",
            "endpoint-errors",
            f"More than {operations.errors:.1%} of production's answers are 5XX.",
            endpoint_metric("Invocation5XXErrors", production, "Average"),
            operations.errors,
            5,
        )
        alarms.ring(
            "EndpointLatency",
            "endpoint-latency",
            f"Production takes more than {operations.latency_ms} ms on average.",
            endpoint_metric("ModelLatency", production, "Average"),
            operations.latency_ms * 1000,  # µs
            5,
        )
        queues = {queue.node.path: queue for queue in (each.failures for each in self.functions)}
        for queue in queues.values():
            alarms.ring(
                f"{queue.node.id}Filled",
                "dead-letters",
                f"There is something in the dead-letter queue {queue.node.id}.",
                waiting(queue),
                0,
            )
        for function in self.functions:
            alarms.ring(
                f"{function.node.id}Errors",
                "function-errors",
                f"The function {function.node.id} has failed more than twice.",
                failures(function),
                2,
                3,
            )

    def _dashboard(self, triggers: Triggers) -> None:
        production, staging = (
            self._delivery.production_endpoint,
            self._delivery.staging_endpoint,
        )
        pipeline = self._ml.pipeline_name
        dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=self.settings.prefix)
        dashboard.add_widgets(
            graph(
                "Executions",
                *(
                    pipeline_metric(f"Execution{status}", pipeline)
                    for status in ("Started", "Succeeded", "Failed")
                ),
            ),
            graph("Files that wait", waiting(triggers.queue), waiting(triggers.queue.dead)),
        )
        for endpoint in (production, staging):
            dashboard.add_widgets(
                graph(
                    f"Calls of {endpoint}",
                    endpoint_metric("Invocations", endpoint, "Sum"),
                    endpoint_metric("Invocation4XXErrors", endpoint, "Sum"),
                    endpoint_metric("Invocation5XXErrors", endpoint, "Sum"),
                ),
                graph(
                    f"Latency of {endpoint}, µs",
                    endpoint_metric("ModelLatency", endpoint, "Average"),
                    endpoint_metric("ModelLatency", endpoint, "p95"),
                    endpoint_metric("OverheadLatency", endpoint, "Average"),
                ),
            )

    def _budget(self) -> None:
        """Tell somebody when the month costs more than it should; only this environment's tag counts."""
        settings, topic = self.settings, self._delivery.topic
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=settings.prefix,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(
                    amount=settings.operations.monthly_budget, unit="USD"
                ),
                cost_filters={"TagKeyValue": [f"user:environment${settings.environment}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=share,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(
                            subscription_type="SNS", address=topic.topic_arn
                        )
                    ],
                )
                for kind, share in SHARES
            ],
        )

    def _failed_executions(self) -> None:
        """Tell somebody of each execution that failed, at once: the alarm says only that one did."""
        rule = events.Rule(
            self,
            "ExecutionFailed",
            description="An execution of the pipeline failed",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Building Pipeline Execution Status Change"],
                detail={
                    "currentPipelineExecutionStatus": ["Failed"],
                    # Events have the pipeline's name in lower case.
                    "pipelineArn": [{"suffix": f":pipeline/{self._ml.pipeline_name.lower()}"}],
                },
            ),
        )
        rule.add_target(targets.SnsTopic(self._delivery.topic))

    def _stop_noncompliant_jobs(self) -> PlatformFunction:
        network, ml = self._network, self.settings.ml
        function = PlatformFunction(
            self,
            "stop_noncompliant_job",
            description="Stops jobs that do not keep to the rules",
            network=network,
            key=self._lake.key,
            environment={
                "SUBNETS": ",".join(subnet.subnet_id for subnet in network.job_subnets),
                "SECURITY_GROUPS": network.job_security_group.security_group_id,
                "KMS_KEY": self._lake.key.key_arn,
                "INSTANCE_TYPES": ",".join(ml.job_instance_types),
                "MAX_RUNTIME": str(ml.max_runtime),
                "TAGS": tags_of(self.settings),
                "TOPIC_ARN": self._delivery.topic.topic_arn,
            },
            statements=[
                Allow(
                    "StopJobs",
                    [
                        *(f"sagemaker:Describe{kind}Job" for kind in JOBS.values()),
                        *(f"sagemaker:Stop{kind}Job" for kind in JOBS.values()),
                        "sagemaker:ListTags",
                    ],
                    [arn(self, kind, "*") for kind in JOBS],
                    why="whoever's job it is, and whatever its name: that is what the control is for",
                ),
                Allow("Tell", ["sns:Publish"], [self._delivery.topic.topic_arn]),
            ],
        )
        for kind in JOBS.values():
            pattern = events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=[f"SageMaker {kind} Job State Change"],
                detail={f"{kind}JobStatus": [{"equals-ignore-case": "InProgress"}]},
            )
            rule_to(self, f"{kind}Job", f"A {kind.lower()} job is in progress", pattern, function)
        return function

    def _delete_idle_endpoints(self) -> PlatformFunction:
        """Return the function that looks for idle endpoints every half hour."""
        settings = self.settings
        production = self._delivery.production_endpoint
        function = PlatformFunction(
            self,
            "idle_endpoints",
            description="Deletes endpoints that nobody calls, production's excepted",
            network=self._network,
            key=self._lake.key,
            environment={
                "TAGS": tags_of(settings),
                "PRODUCTION_ENDPOINT_NAME": production,
                "IDLE_MINUTES": str(settings.operations.idle_minutes),
                "TOPIC_ARN": self._delivery.topic.topic_arn,
            },
            statements=[
                Allow(
                    "FindEndpoints",
                    ["cloudwatch:GetMetricStatistics", "sagemaker:ListEndpoints"],
                    ["*"],
                    why="neither service knows a resource for these actions",
                ),
                Allow(
                    "LookAtEndpoints",
                    ["sagemaker:DescribeEndpoint", "sagemaker:ListTags"],
                    [arn(self, "endpoint", "*")],
                    why="any endpoint with the environment's tags, whoever made it",
                ),
                Allow(
                    "DeleteEndpoints",
                    ["sagemaker:DeleteEndpoint"],
                    [arn(self, "endpoint", "*")],
                    {"StringEquals": {"aws:ResourceTag/environment": settings.environment}},
                    why="any endpoint with the environment's tags, whoever made it",
                ),
                Allow("Tell", ["sns:Publish"], [self._delivery.topic.topic_arn]),
            ],
        )
        deny(
            function.task_role,
            "NeverProduction",
            ["sagemaker:DeleteEndpoint"],
            [arn(self, "endpoint", production)],
        )
        rule = events.Rule(
            self,
            "EveryHalfHour",
            description="Looks for endpoints that nobody calls",
            schedule=events.Schedule.rate(cdk.Duration.minutes(30)),
        )
        rule.add_target(targets.LambdaFunction(function, dead_letter_queue=function.failures))
        return function


def graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    """Return a graph of half the dashboard's width."""
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12)


def tags_of(settings: Settings) -> str:
    """Return the tags as functions are told them."""
    return ",".join(f"{key}={value}" for key, value in settings.tags.items())
