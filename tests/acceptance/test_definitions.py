"""What SDKs and published notebooks emit is read, and the published tables are ours."""

import json
from itertools import chain
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from slipway.definition.cache_keys import CACHE_KEYS, CACHED_WHOLE
from slipway.definition.check import check
from slipway.definition.errors import DefinitionError
from slipway.definition.graph import build_graph
from slipway.definition.lint import lint
from slipway.definition.lint.retries import EXCEPTION_TYPES
from slipway.definition.model import RetryPolicy
from slipway.definition.parse import parse, parse_one_step

SHARED = Path(__file__).parents[2].parent / "shared" / "acceptance"
DICTIONARIES = SHARED / "sdk_v2_expected_dsl"
NOTEBOOKS = sorted((SHARED / "pipeline_definitions").glob("*.json"))

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/acceptance is not there")


@pytest.fixture(scope="module")
def operation_model():
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
    return model.operation_model


def dictionaries():
    for file in sorted(DICTIONARIES.glob("*.json")):
        for entry in json.loads(file.read_text()):
            yield entry["definition"]


def test_every_dictionary_of_the_sdks_own_tests_is_read():
    read = 0
    for source in dictionaries():
        if "Steps" in source:
            steps = parse(source).steps
            assert [step.name for step in steps] == [step["Name"] for step in source["Steps"]]
        else:
            assert parse_one_step(source).raw == source
        read += 1
    assert read == 96


def test_the_sdks_cyclic_pipeline_is_the_only_one_with_a_cycle():
    """Steps of one name are of one test; the three that wait for each other are its cycle test."""
    cycle = [
        step
        for step in dictionaries()
        if (step.get("Name"), step.get("DependsOn"))
        in (
            ("custom-step-0", ["custom-step-2"]),
            ("custom-step-1", ["custom-step-0"]),
            ("custom-step-2", ["custom-step-1"]),
        )
        and step["Arguments"] == {"Output": f"s3://bucket/test-pipeline/{step['Name']}"}
    ]
    steps = {step["Name"]: step for step in cycle}
    with pytest.raises(DefinitionError, match="in a cycle: "):
        build_graph(parse({"Steps": list(steps.values())}))
    del steps["custom-step-0"]["DependsOn"]
    assert list(build_graph(parse({"Steps": list(steps.values())})).steps) == sorted(steps)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_real_definitions_are_taken_and_run_in_the_order_of_their_data(file, operation_model):
    definition = check(file.read_text(), operation_model)
    written = [step.name for step in definition.walk()]
    assert list(build_graph(definition).steps) == written


def test_lint_finds_what_is_wrong_with_the_notebooks(operation_model):
    found = {
        file.stem.split(".")[0]: {
            (each.rule, each.step or each.message.split("'")[1])
            for each in lint(file.read_text(), operation_model)
        }
        for file in NOTEBOOKS
    }
    assert found == {
        "sm-pipelines_lambda_step": {
            ("unused-parameter", "ModelApprovalStatus"),
            ("timestamp-in-key", "PreprocessAbaloneData"),
            ("timestamp-in-key", "EvaluateAbaloneModel"),
        },
        # min_child_weight is given XGBGamma there
        "sm-pipelines_selective_execution": {
            ("unused-parameter", "TrainingInstanceType"),
            ("unused-parameter", "XGBMinChildWeight"),
        },
    }


def test_cache_keys_are_the_documented_ones():
    published = json.loads((SHARED / "semantics_cache_keys.json").read_text())["keys"]
    whole = {kind for kind in published if kind in CACHED_WHOLE}
    assert whole == {"QualityCheck", "ClarifyCheck"}  # theirs are the SDK's names, not the API's
    assert {
        kind: tuple(chain.from_iterable(map(expanded, keys)))
        for kind, keys in published.items()
        if kind not in whole
    } == CACHE_KEYS


def expanded(key):
    """`A.{B,C}` stands for A.B and A.C."""
    base, brace, members = key.partition(".{")
    return [f"{base}.{name}" for name in members.rstrip("}").split(",")] if brace else [key]


def test_retry_defaults_and_limits_are_the_documented_ones():
    published = json.loads((SHARED / "semantics_retry.json").read_text())
    policy = RetryPolicy(())
    assert published["defaults"] == {
        "IntervalSeconds": policy.interval_seconds,
        "BackoffRate": policy.backoff_rate,
        "MaxAttempts": policy.max_attempts,
    }
    assert set(published["exception_types"]) <= set(EXCEPTION_TYPES)
    for key, limit in published["limits"].items():
        retry = {"ExceptionType": ["Step.THROTTLING"], key: limit}
        step = {"Name": "A", "Type": "Training", "Arguments": {}, "RetryPolicies": [retry]}
        assert parse_one_step(step).retry_policies
        retry[key] += 1
        with pytest.raises(DefinitionError, match="out of range"):
            parse_one_step(step)
