"""The reviews pipeline as it is built without AWS: what its jobs ask for is what the platform's rules ask."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.constructs.reviews_pipeline import REGION, Built, Values, built, region_of
from infra.functions.stop_noncompliant_job import rules as the
from infra.functions.stop_noncompliant_job.rules import Rules
from infra.settings.check import SettingsError
from infra.settings.load import load
from slipway.definition.model import Definition, Step
from slipway.definition.parameters import effective_values
from slipway.definition.parse import parse
from slipway.definition.resolve import Scope, resolve, without_nulls

SETTINGS = load("dev")
PROBLEMS = {"Processing": the.processing_problems, "Training": the.training_problems}


VALUES = Values(
    bucket="artifacts",
    features="features",
    input_data="s3://raw/reviews/tsv/",
    group="reviews-bert",
    key="arn:aws:kms:us-east-1:123456789012:key/k",
    roles={
        kind: f"arn:aws:iam::123456789012:role/{kind}"
        for kind in ("processing", "training", "serving")
    },
    subnets=("subnet-1", "subnet-2", "subnet-3"),
    security_group="sg-1",
    tags=SETTINGS.tags,
)


@pytest.fixture(scope="module")
def pipeline() -> Built:
    return built(REGION)


@pytest.fixture(scope="module")
def definition(pipeline: Built) -> Definition:
    return parse(pipeline.with_values(VALUES))


def rules() -> Rules:
    return Rules(
        frozenset(VALUES.subnets),
        frozenset({VALUES.security_group}),
        VALUES.key,
        frozenset(SETTINGS.ml.job_instance_types),
        SETTINGS.ml.max_runtime,
        SETTINGS.tags,
    )


def request(definition: Definition, step: Step, **parameters: str) -> Any:
    """Return what a step would ask of the API."""

    outputs = {
        f"bert-{split}": {"S3Output": {"S3Uri": f"s3://features/{split}"}}
        for split in ("train", "validation", "test")
    }
    properties = {
        "ProcessingOutputConfig": {"Outputs": outputs},
        "ModelArtifacts": {"S3ModelArtifacts": "s3://artifacts/model.tar.gz"},
        "ProcessingJobName": "job",
    }
    pairs = [{"Name": name, "Value": value} for name, value in parameters.items()]
    scope = Scope(
        parameters=effective_values(definition, pairs),
        variables={"PipelineExecutionId": "abcdefghijkl", "PipelineName": "reviews-training"},
        properties=lambda _: properties,
        property_file=lambda *_: {},
    )
    return without_nulls(resolve(dict(step.raw["Arguments"]), scope))


def jobs(definition: Definition) -> list[Step]:
    return [step for step in definition.walk() if step.type in PROBLEMS]


def test_every_job_keeps_to_the_rules_that_stop_others(definition: Definition) -> None:
    assert [step.name for step in jobs(definition)] == [
        *("CheckQuality", "PrepareFeatures", "Train", "Evaluate")
    ]
    for step in jobs(definition):
        asked = request(definition, step)
        tags = {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        found = [*PROBLEMS[step.type](asked, rules()), *the.tag_problems(tags, rules())]
        assert found == [], step.name


def test_each_kind_of_job_acts_as_its_own_role(definition: Definition) -> None:
    roles = {step.name: step.raw["Arguments"]["RoleArn"] for step in jobs(definition)}
    assert roles.pop("Train") == VALUES.roles["training"]
    assert set(roles.values()) == {VALUES.roles["processing"]}


def test_training_reads_features_and_no_raw_data(definition: Definition) -> None:
    (prepare, train) = [s for s in jobs(definition) if s.name in ("PrepareFeatures", "Train")]
    outputs = request(definition, prepare)["ProcessingOutputConfig"]["Outputs"]
    written = {o["OutputName"]: o["S3Output"]["S3Uri"] for o in outputs}
    for split in ("train", "validation", "test"):
        place = f"s3://{VALUES.features}/reviews-training/abcdefghijkl/{split}"
        assert written[f"bert-{split}"] == place
    assert VALUES.input_data not in json.dumps(train.raw)


def test_the_trigger_says_where_to_look(definition: Definition) -> None:
    check = jobs(definition)[0]
    given = {"InputData": "s3://raw/", "InputPrefix": "reviews/tsv/2026/", "InputRevision": "w"}
    asked = request(definition, check, **given)
    data = {i["InputName"]: i["S3Input"]["S3Uri"] for i in asked["ProcessingInputs"]}["data"]
    assert data == "s3://raw/reviews/tsv/2026/"
    # New files in the same folder are another question to the cache.
    assert asked["Environment"]["INPUT_REVISION"] == "w"


def test_all_files_that_jobs_are_given_are_there(pipeline: Built, definition: Definition) -> None:
    folders = [Path(folder) for folder in pipeline.folders.values()]
    found = {p.relative_to(f).as_posix() for f in folders for p in f.rglob("*") if p.is_file()}
    bucket = f"s3://{VALUES.bucket}/"
    named = set(
        re.findall(
            rf'"{bucket}(reviews-training/[a-z_-]+/[0-9a-f]{{32}}/)', pipeline.with_values(VALUES)
        )
    )
    assert len(named) >= 6
    for prefix in named:
        assert any(key.startswith(prefix) for key in found), prefix
    assert "reviews-training/quality-metrics/README.txt" in found


def test_no_placeholder_is_left(pipeline: Built, definition: Definition) -> None:
    text = pipeline.with_values(VALUES)
    assert "slipway-synth" not in text and "00000000" not in text
    asked = request(definition, jobs(definition)[0])
    assert asked["NetworkConfig"]["VpcConfig"]["Subnets"] == list(VALUES.subnets)


def test_another_region_has_other_images() -> None:
    assert region_of(SETTINGS) == REGION
    assert region_of(replace(SETTINGS, account="123456789012", region="eu-west-1")) == "eu-west-1"


def test_defaults_of_parameters_are_set_and_unknown_ones_refused(pipeline: Built) -> None:
    changed = parse(pipeline.with_values(replace(VALUES, parameters={"Epochs": 4})))
    assert effective_values(changed)["Epochs"] == 4
    with pytest.raises(SettingsError, match=r"`ml.parameters`: .*found 'Epoch'"):
        pipeline.with_values(replace(VALUES, parameters={"Epoch": 4}))
