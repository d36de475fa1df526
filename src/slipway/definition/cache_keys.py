"""Which arguments of a step must be equal for its result to be taken from an earlier run.

Source: developer guide, "Caching Pipeline Steps". `CheckJobConfig`, `QualityCheckConfig` and
`ClarifyCheckConfig` of the guide are the SDK's names for parts of a check's processing request.
"""

from collections.abc import Mapping

from slipway.definition.model import Json

# Step type → members of its Arguments; "A.b" is member b of member A.
CACHE_KEYS: Mapping[str, tuple[str, ...]] = {
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
    "EMR": ("ClusterId", "StepConfig"),
}
# Types that can be cached but whose keys are not documented: all their arguments count.
CACHED_WHOLE = (
    "QualityCheck",
    "ClarifyCheck",
    "Lambda",
    "Callback",
    "EMRServerless",
    "EndpointConfig",
    "Endpoint",
    "Job",
)


def key_members(step_type: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Return the members of Arguments that are compared, by path; empty for a type never cached."""
    if step_type in CACHED_WHOLE:
        return dict(arguments)
    paths = CACHE_KEYS.get(step_type, ())
    return {path: value for path in paths if (value := member(arguments, path)) is not None}


def member(arguments: Mapping[str, Json], path: str) -> Json:
    """Return the value at a path of members; None where there is none."""
    value: Json = arguments
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
