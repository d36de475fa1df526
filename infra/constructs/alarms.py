"""Alarms that tell people: each with its runbook in its description."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from infra.constructs.runbook import runbook
from infra.constructs.stack import PlatformStack

PIPELINES = "AWS/Sagemaker/ModelBuildingPipeline"
ENDPOINTS = "AWS/SageMaker"
VARIANT = "AllTraffic"


class Alarms:
    """Makes the alarms of a stack, all of which tell one topic."""

    def __init__(self, stack: PlatformStack, topic: sns.ITopic) -> None:
        self._stack = stack
        self._action = actions.SnsAction(topic)

    def ring(
        self,
        name: str,
        page: str,
        says: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        periods: int = 1,
    ) -> cloudwatch.Alarm:
        """Return an alarm that rings while a metric is over its threshold; no data is no news."""
        settings = self._stack.settings
        alarm = cloudwatch.Alarm(
            self._stack,
            name,
            alarm_description=f"{says} Runbook: {runbook(settings, page)}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm


def pipeline_metric(name: str, pipeline: str) -> cloudwatch.Metric:
    """Return a count of a pipeline's executions over an hour."""
    return cloudwatch.Metric(
        namespace=PIPELINES,
        metric_name=name,
        dimensions_map={"PipelineName": pipeline},
        statistic="Sum",
        period=cdk.Duration.hours(1),
    )


def endpoint_metric(name: str, endpoint: str, statistic: str) -> cloudwatch.Metric:
    """Return a metric of an endpoint's one variant."""
    return cloudwatch.Metric(
        namespace=ENDPOINTS,
        metric_name=name,
        dimensions_map={"EndpointName": endpoint, "VariantName": VARIANT},
        statistic=statistic,
        period=cdk.Duration.minutes(1),
    )


def waiting(queue: sqs.IQueue) -> cloudwatch.Metric:
    """Return how many messages wait in a queue."""
    return queue.metric_approximate_number_of_messages_visible(
        statistic="Maximum", period=cdk.Duration.minutes(1)
    )


def failures(function: lambda_.IFunction) -> cloudwatch.Metric:
    """Return how often a function failed in five minutes."""
    return function.metric_errors(statistic="Sum", period=cdk.Duration.minutes(5))
