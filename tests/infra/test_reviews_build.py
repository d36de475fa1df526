"""The reviews pipeline as it is built without AWS: what its jobs ask for is what the platform's rules ask."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.constructs.reviews_pipeline import PLACEHOLDERS, Built, built, request_of, subnet
from infra.functions.stop_noncompliant_job import rules as the
from infra.functions.stop_noncompliant_job.rules import Rules
from infra.settings.load import load
from slipway.definition.model import Definition, Step
from slipway.definition.parameters import effective_values
from slipway.definition.parse import parse
from slipway.definition.resolve import Scope, resolve, without_nulls

SETTINGS = load("dev")
PROBLEMS = {"Processing": the.processing_problems, "Training": the.training_problems}


@pytest.fixture(scope="module")
def pipeline() -> Built:
    return built(request_of(SETTINGS))


@pytest.fixture(scope="module")
def definition(pipeline: Built) -> Definition:
    return parse(pipeline.definition)


def rules() -> Rules:
    return Rules(
        frozenset(subnet(n) for n in range(SETTINGS.network.availability_zones)),
        frozenset({PLACEHOLDERS["security_group"]}),
        PLACEHOLDERS["key"],
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
    assert roles.pop("Train") == PLACEHOLDERS["training"]
    assert set(roles.values()) == {PLACEHOLDERS["processing"]}


def test_training_reads_features_and_no_raw_data(definition: Definition) -> None:
    (prepare, train) = [s for s in jobs(definition) if s.name in ("PrepareFeatures", "Train")]
    outputs = request(definition, prepare)["ProcessingOutputConfig"]["Outputs"]
    written = {o["OutputName"]: o["S3Output"]["S3Uri"] for o in outputs}
    for split in ("train", "validation", "test"):
        place = f"s3://{PLACEHOLDERS['features']}/reviews-training/abcdefghijkl/{split}"
        assert written[f"bert-{split}"] == place
    assert PLACEHOLDERS["raw"] not in json.dumps(train.raw)


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
    bucket = f"s3://{PLACEHOLDERS['bucket']}/"
    named = set(
        re.findall(rf'"{bucket}(reviews-training/[a-z_-]+/[0-9a-f]{{32}}/)', pipeline.definition)
    )
    assert len(named) >= 6
    for prefix in named:
        assert any(key.startswith(prefix) for key in found), prefix
    assert "reviews-training/quality-metrics/README.txt" in found


def test_what_only_the_deployment_knows_takes_the_place_of_placeholders(pipeline: Built) -> None:
    values = {name: f"<{number}>" for number, name in enumerate(PLACEHOLDERS.values())}
    values |= {subnet(n): f"<subnet {n}>" for n in range(2)}
    definition = pipeline.with_values(values)
    assert "slipway-synth" not in definition and "00000" not in definition
    json.loads(definition)


def test_another_region_has_other_images() -> None:
    request = request_of(replace(SETTINGS, account="123456789012", region="eu-west-1"))
    assert json.loads(request)["region"] == "eu-west-1"
