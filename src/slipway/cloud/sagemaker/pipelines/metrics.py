"""The metrics of pipeline executions: how many began and ended, and how long they took.

Source: developer guide, "SageMaker pipelines metrics"; with the dimension PipelineName only.
"""

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.engine.attempt import Facts
from slipway.engine.state import FINISHED, Execution

NAMESPACE = "AWS/Sagemaker/ModelBuildingPipeline"  # spelled as AWS does


def measure(cloud: Cloud, facts: Facts, before: Execution, after: Execution) -> None:
    """Record what a change of an execution counts as."""
    found: dict[str, tuple[float, str]] = {}
    if not before.created:
        found["ExecutionStarted"] = (1.0, "Count")
    if before.status != after.status and after.status in FINISHED:
        found[f"Execution{after.status}"] = (1.0, "Count")
        seconds = after.modified - after.created
        found["ExecutionDuration"] = (1000.0 * seconds, "Milliseconds")
    if found:
        name = facts.pipeline_arn.rpartition("/")[2]
        metrics.record(cloud, facts.region, NAMESPACE, (("PipelineName", name),), found)
