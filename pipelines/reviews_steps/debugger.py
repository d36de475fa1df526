"""SageMaker Debugger for the training job: two rules on its losses, a profiler report of the instance.

AWS has closed Debugger to new customers, so a pipeline asks for it only where its account has it.
"""

from typing import Any

from sagemaker.core.debugger import (
    CollectionConfig,
    DebuggerHookConfig,
    ProfilerRule,
    Rule,
    get_rule_container_image_uri,
    rule_configs,
)
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.steps import TrainingStep

SAVED = {"save_interval": "10"}  # steps; all values of Debugger are text
WATCHED = {"collection_names": "losses,metrics"}
RULES = {
    "loss_not_decreasing": {
        "use_losses_collection": "true",
        "num_steps": "10",
        "diff_percent": "50",
    },
    "overtraining": {"patience_train": "10", "patience_validation": "10", "delta": "0.5"},
}


class DebuggedTrainingStep(TrainingStep):
    """A training step that asks for Debugger, for which ModelTrainer has no arguments."""

    def __init__(self, *, debugger: dict[str, Any], **options: Any) -> None:
        """Take the members to add to the request, and the arguments of a TrainingStep."""
        super().__init__(**options)
        self.debugger = debugger

    @property
    def arguments(self) -> dict[str, Any]:
        """The request with Debugger's members."""
        return {**super().arguments, **self.debugger}


def debugger_members(session: PipelineSession, folder: str) -> dict[str, Any]:
    """Return the members of a CreateTrainingJob request that turn Debugger on; `folder` is an S3 URI."""
    collections = [CollectionConfig(name, parameters=SAVED) for name in ("losses", "metrics")]
    hook = DebuggerHookConfig(
        s3_output_path=f"{folder}/debug-output",
        hook_parameters=SAVED,
        collection_configs=collections,
    )
    rules = [
        Rule.sagemaker(getattr(rule_configs, name)(), rule_parameters=WATCHED | parameters)
        for name, parameters in RULES.items()
    ]
    report = ProfilerRule.sagemaker(rule_configs.ProfilerReport())
    # The SDK writes a placeholder where the image of the rules belongs.
    image = {
        "RuleEvaluatorImage": get_rule_container_image_uri("DEBUGGER", session.boto_region_name)
    }
    return {
        "DebugHookConfig": hook._to_request_dict(),
        "DebugRuleConfigurations": [rule.to_debugger_rule_config_dict() | image for rule in rules],
        "ProfilerConfig": {
            "S3OutputPath": f"{folder}/profiler-output",
            "ProfilingIntervalInMilliseconds": 500,
        },
        "ProfilerRuleConfigurations": [report.to_profiler_rule_config_dict() | image],
    }
