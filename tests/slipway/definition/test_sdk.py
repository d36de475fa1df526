"""What SageMaker's Python SDK v3 emits is taken, resolved and found free of faults."""

import logging

import boto3
import pytest

from slipway.definition.check import check
from slipway.definition.graph import build_graph
from slipway.definition.lint import lint

pytestmark = pytest.mark.slow  # importing the SDK


@pytest.fixture(scope="module")
def region():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nothing is called
        yield "us-east-1"


@pytest.fixture(scope="module")
def emitted(region):
    """The definition of a pipeline with every construct that needs no upload."""
    logging.getLogger("botocore").setLevel(logging.WARNING)
    from sagemaker.core.lambda_helper import Lambda
    from sagemaker.core.workflow.conditions import (
        ConditionEquals,
        ConditionGreaterThan,
        ConditionIn,
        ConditionLessThanOrEqualTo,
        ConditionNot,
        ConditionOr,
    )
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join
    from sagemaker.core.workflow.parameters import (
        ParameterBoolean,
        ParameterFloat,
        ParameterInteger,
        ParameterString,
    )
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.mlops.workflow.callback_step import CallbackOutput, CallbackStep
    from sagemaker.mlops.workflow.callback_step import CallbackOutputTypeEnum as Answer
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.for_each_step import (
        CurrentItem,
        ForEachSelector,
        ForEachStep,
        IterationOutput,
    )
    from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaStep
    from sagemaker.mlops.workflow.lambda_step import LambdaOutputTypeEnum as Output
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.step_dependency import StepDependency, TriggerCondition
    from sagemaker.mlops.workflow.steps import CacheConfig

    boto = boto3.Session("x", "x", region_name=region)
    session = PipelineSession(boto_session=boto, default_bucket="bucket")
    function = Lambda("arn:aws:lambda:us-east-1:123456789012:function:f", session=session)
    text = ParameterString("Text", default_value="a", enum_values=["a", "b"])
    count = ParameterInteger("Count", default_value=3)
    limit = ParameterFloat("Limit", default_value=6.0)
    flag = ParameterBoolean("Flag")

    def call(name, inputs, outputs=(), **members):
        named = [LambdaOutput(output, kind) for output, kind in outputs]
        return LambdaStep(name, lambda_func=function, inputs=inputs, outputs=named, **members)

    joined = Join("/", ["x", count, limit, flag, ExecutionVariables.PIPELINE_NAME])
    first = call(
        "First",
        {"text": text, "count": count, "joined": joined},
        [("score", Output.Float), ("items", Output.String)],
        cache_config=CacheConfig(enable_caching=True, expire_after="30d"),
    )
    score = first.properties.Outputs["score"]
    wait = CallbackStep(
        "Wait",
        sqs_queue_url="https://sqs.us-east-1.amazonaws.com/123456789012/q",
        inputs={"score": score},
        outputs=[CallbackOutput("ok", Answer.Boolean)],
    )
    each = call("Each", {"item": CurrentItem().a["k"]}, [("score", Output.Float)])
    loop = ForEachStep(
        "Loop",
        iterable_items=first.properties.Outputs["items"],
        max_concurrency=2,
        for_each_body=[each],
        selector=ForEachSelector("MaxBy", IterationOutput(each).OutputParameters["score"]),
    )
    best = {
        "best": loop.properties.Selected.OutputParameters["score"],
        "steps": loop.properties.TotalStepCount,
        "first": loop.properties.IterationOutputs[0].Each.OutputParameters["score"],
    }
    report = call("Report", best)
    notify = call("Notify", {}, depends_on=[StepDependency(first, TriggerCondition.FAILED)])
    decide = ConditionStep(
        "Decide",
        conditions=[
            ConditionGreaterThan(score, limit),
            ConditionNot(ConditionIn(text, ["x", "y"])),
            ConditionOr(
                [ConditionEquals(count, 3), ConditionLessThanOrEqualTo(flag.to_string(), "a")]
            ),
        ],
        if_steps=[call("Then", {})],
        else_steps=[FailStep("Stop", error_message=Join(" ", ["score", score]))],
    )
    pipeline = Pipeline(
        "Everything",
        parameters=[text, count, limit, flag],
        steps=[notify, first, wait, loop, report, decide],
        sagemaker_session=session,
    )
    return pipeline.definition()


def test_it_is_taken_and_nothing_is_wrong_with_it(emitted, operation_model):
    assert lint(check(emitted, operation_model), operation_model) == ()


def test_its_graph_has_every_kind_of_edge(emitted, operation_model):
    graph = build_graph(check(emitted, operation_model))
    edges = {
        (edge.upstream, name, edge.kind.value, edge.trigger.value)
        for name, upstream in graph.upstream.items()
        for edge in upstream
    }
    assert edges == {
        ("First", "Notify", "order", "Failed"),
        ("First", "Wait", "data", "Completed"),
        ("First", "Loop", "data", "Completed"),
        ("Loop", "Report", "data", "Completed"),
        ("First", "Decide", "data", "Completed"),
        ("Decide", "Then", "branch", "Completed"),
        ("Decide", "Stop", "branch", "Completed"),
        ("First", "Stop", "data", "Completed"),
    }
