"""What a run of a step must equal to take the result of an earlier one. Pure.

Source of the keys: developer guide, "Caching Pipeline Steps"; for the types that it does not name,
docs/decisions/0203-cache.md.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# Step type → members of the resolved arguments that are compared; "A.b" is member b of member A
KEYS: Mapping[str, tuple[str, ...]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Tuning": (
        "HyperParameterTuningJobConfig",
        "TrainingJobDefinition.AlgorithmSpecification",
        "TrainingJobDefinition.HyperParameterRanges",
        "TrainingJobDefinition.InputDataConfig",
        "TrainingJobDefinition.StaticHyperParameters",
        "TrainingJobDefinition.TuningObjective",
        "TrainingJobDefinitions",
    ),
    "AutoML": (
        "AutoMLJobConfig.CompletionCriteria",
        "AutoMLJobConfig.CandidateGenerationConfig",
        "AutoMLJobConfig.DataSplitConfig",
        "AutoMLJobConfig.Mode",
        "AutoMLJobObjective",
        "InputDataConfig",
        "ProblemType",
    ),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
}
# Types whose keys are not documented: all arguments are compared, and what they are sent to.
WHOLE = frozenset({"Lambda", "Callback", "EndpointConfig", "Endpoint", "Job"})
CACHED = frozenset(KEYS) | WHOLE


def cache_key(
    step_type: str, arguments: Mapping[str, Any], extras: Mapping[str, Any]
) -> str | None:
    """Return a digest of what counts in resolved arguments; None for a type that is never cached."""
    if step_type in WHOLE:
        target = [extras.get("FunctionArn"), extras.get("SqsQueueUrl")]
        return digest([target, arguments])
    if step_type not in KEYS:
        return None
    return digest({path: member(arguments, path) for path in KEYS[step_type]})


def member(arguments: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path of members; None where it is absent."""
    value: Any = arguments
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, whatever the order of its members."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
