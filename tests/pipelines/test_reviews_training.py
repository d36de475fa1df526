import io
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from callers import client
from reviews.serving import code_folder
from reviews.serving.records import parse as parse_records
from slipway.definition.check import check
from slipway.definition.lint import lint
from slipway.definition.model import Definition, Step
from slipway.definition.parameters import effective_values
from slipway.definition.parse import parse
from slipway.definition.resolve import Scope, resolve, without_nulls
from slipway.images import environment

BUILD = Path(__file__).with_name("build_definition.py")
OPERATIONS = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "job"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "job"}),
    "RegisterModel": ("CreateModelPackage", {}),
}
MODEL = boto3.client("sagemaker", "us-east-1").meta.service_model

pytestmark = pytest.mark.slow

# parameter, another value, step, where the job receives it, what it receives
PARAMETERS = [
    ("InputData", "s3://other/in/", "CheckQuality", "input data", "s3://other/in/"),
    ("InputData", "s3://other/in/", "PrepareFeatures", "input data", "s3://other/in/"),
    (
        "InputPrefix",
        "2026/",
        "CheckQuality",
        "input data",
        "s3://reviews-pipeline-tests/reviews/tsv/2026/",
    ),
    (
        "InputPrefix",
        "2026/",
        "PrepareFeatures",
        "input data",
        "s3://reviews-pipeline-tests/reviews/tsv/2026/",
    ),
    ("InputRevision", "w1", "CheckQuality", "environment INPUT_REVISION", "w1"),
    ("InputRevision", "w1", "PrepareFeatures", "environment INPUT_REVISION", "w1"),
    ("WeightsUri", "s3://other/w/", "PrepareFeatures", "input weights", "s3://other/w/"),
    ("WeightsUri", "s3://other/w/", "Train", "channel weights", "s3://other/w/"),
    ("ProcessingInstanceType", "ml.m5.xlarge", "CheckQuality", "instance type", "ml.m5.xlarge"),
    ("ProcessingInstanceType", "ml.m5.xlarge", "PrepareFeatures", "instance type", "ml.m5.xlarge"),
    ("ProcessingInstanceType", "ml.m5.xlarge", "Evaluate", "instance type", "ml.m5.xlarge"),
    ("ProcessingInstanceCount", "3", "PrepareFeatures", "instance count", 3),
    ("ProcessingInstanceCount", "3", "CheckQuality", "instance count", 3),
    ("MaxSeqLength", "128", "PrepareFeatures", "--max-seq-length", "128"),
    ("BalanceDataset", "False", "PrepareFeatures", "--balance-dataset", "False"),
    ("TrainSplitPercentage", "0.8", "PrepareFeatures", "--train-split-percentage", "0.8"),
    ("ValidationSplitPercentage", "0.1", "PrepareFeatures", "--validation-split-percentage", "0.1"),
    ("TestSplitPercentage", "0.15", "PrepareFeatures", "--test-split-percentage", "0.15"),
    ("FeatureStoreOfflinePrefix", "p", "PrepareFeatures", "--feature-store-offline-prefix", "p"),
    ("FeatureGroupName", "g", "PrepareFeatures", "--feature-group-name", "g"),
    ("MinimumReviewCount", "7", "CheckQuality", "--minimum-review-count", "7"),
    ("MaximumRejectShare", "0.2", "CheckQuality", "--max-reject-share", "0.2"),
    ("MaximumRejectShare", "0.2", "PrepareFeatures", "--max-reject-share", "0.2"),
    ("LearningRate", "0.0012", "Train", "hyperparameter learning_rate", "0.0012"),
    ("Epsilon", "0.001", "Train", "hyperparameter epsilon", "0.001"),
    ("Epochs", "5", "Train", "hyperparameter epochs", "5"),
    ("TrainBatchSize", "64", "Train", "hyperparameter train_batch_size", "64"),
    ("ValidationBatchSize", "65", "Train", "hyperparameter validation_batch_size", "65"),
    ("TestBatchSize", "66", "Evaluate", "--batch-size", "66"),
    ("TrainStepsPerEpoch", "9", "Train", "hyperparameter train_steps_per_epoch", "9"),
    ("ValidationSteps", "8", "Train", "hyperparameter validation_steps", "8"),
    ("FreezeBertLayer", "True", "Train", "hyperparameter freeze_bert_layer", "True"),
    ("TrainingInstanceType", "ml.p3.2xlarge", "Train", "instance type", "ml.p3.2xlarge"),
    ("TrainingInstanceCount", "2", "Train", "instance count", 2),
    ("AccuracyThreshold", "0.75", "AccuracyCondition", "threshold", 0.75),
    ("AccuracyThreshold", "0.75", "AccuracyTooLow", "message", "is 0.75. No model"),
    ("ModelPackageGroupName", "others", "RegisterModel", "group", "others"),
    ("DeployInstanceType", "ml.c5.large", "RegisterModel", "inference", ["ml.c5.large"]),
    ("DeployInstanceType", "ml.c5.large", "RegisterModel", "deploy type", "ml.c5.large"),
    ("DeployInstanceCount", "4", "RegisterModel", "deploy count", "4"),
]

PLACES: dict[str, Callable[[Any], Any]] = {
    "instance type": lambda a: resources(a)["InstanceType"],
    "instance count": lambda a: resources(a)["InstanceCount"],
    "threshold": lambda a: a["Conditions"][0]["RightValue"],
    "message": lambda a: a["ErrorMessage"],
    "group": lambda a: a["ModelPackageGroupName"],
    "inference": lambda a: a["InferenceSpecification"]["SupportedRealtimeInferenceInstanceTypes"],
    "deploy type": lambda a: a["CustomerMetadataProperties"]["DeployInstanceType"],
    "deploy count": lambda a: a["CustomerMetadataProperties"]["DeployInstanceCount"],
}


def resources(arguments: Any) -> Any:
    return arguments.get("ResourceConfig") or arguments["ProcessingResources"]["ClusterConfig"]


def received(arguments: Any, where: str) -> Any:
    if where.startswith("--"):
        words = arguments["AppSpecification"]["ContainerArguments"]
        return words[words.index(where) + 1]
    kind, _, name = where.partition(" ")
    if kind == "hyperparameter":
        return arguments["HyperParameters"][name]
    if kind == "environment":
        return arguments["Environment"][name]
    if kind == "input":
        (found,) = [i for i in arguments["ProcessingInputs"] if i["InputName"] == name]
        return found["S3Input"]["S3Uri"]
    if kind == "channel":
        (found,) = [c for c in arguments["InputDataConfig"] if c["ChannelName"] == name]
        return found["DataSource"]["S3DataSource"]["S3Uri"]
    return PLACES[where](arguments)


@pytest.fixture(scope="module")
def build(cloud: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    if not (environment.cache() / "assets" / "weights").is_dir():
        pytest.skip("the assets are not set up")

    def run(*settings: dict[str, Any]) -> list[str]:
        done = subprocess.run(
            [sys.executable, BUILD, *map(json.dumps, settings)],
            env=cloud.environ,
            cwd=tmp_path_factory.mktemp("somewhere"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-len(settings) :]

    return run


@pytest.fixture(scope="module")
def texts(build: Callable[..., list[str]]) -> list[str]:
    """Return the definition as it is, and with Debugger; one process makes both."""
    return build({}, {"managed_debugger": True})


@pytest.fixture(scope="module")
def text(texts: list[str]) -> str:
    return texts[0]


@pytest.fixture(scope="module")
def definition(text: str) -> Definition:
    return check(text, MODEL.operation_model)


def arguments_of(definition: Definition, step: Step, **given: str) -> Any:
    """Return what the service would fill in, given parameters and made-up results of other steps."""
    pairs = [{"Name": name, "Value": value} for name, value in given.items()]
    outputs = ["bert-train", "bert-validation", "bert-test", "quality", "metrics"]
    result = {
        "ProcessingJobName": "job",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"},
        "ProcessingOutputConfig": {
            "Outputs": [
                {"OutputName": name, "S3Output": {"S3Uri": f"s3://b/{name}"}} for name in outputs
            ]
        },
    }
    scope = Scope(
        parameters=effective_values(definition, pairs),
        variables={"PipelineExecutionId": "abcdefghijkl", "PipelineName": "reviews-training"},
        properties=lambda _: result,
        property_file=lambda *_: {"metrics": {"accuracy": {"value": 0.42}}},
    )
    arguments = dict(step.raw["Arguments"])
    for branch in ("IfSteps", "ElseSteps"):  # steps of their own
        arguments.pop(branch, None)
    return without_nulls(resolve(arguments, scope))


def test_the_steps_and_their_order(definition: Definition) -> None:
    assert [step.name for step in definition.walk()] == [
        "CheckQuality",
        "PrepareFeatures",
        "Train",
        "Evaluate",
        "AccuracyCondition",
        "RegisterModel",
        "AccuracyTooLow",
    ]
    (condition,) = [step for step in definition.steps if step.type == "Condition"]
    assert [step.type for step in condition.if_steps + condition.else_steps] == [
        "RegisterModel",
        "Fail",
    ]
    assert [d.step for d in definition.steps[1].depends_on] == ["CheckQuality"]


def test_lint_has_nothing_to_say(text: str) -> None:
    assert not lint(parse(text), MODEL.operation_model)


def test_the_same_source_gives_the_same_bytes(text: str, build: Callable[..., list[str]]) -> None:
    assert build({}) == [text]
    assert not re.search(r"20\d{6}[-T]?\d{4}", text), "a time"


def test_every_job_step_can_be_found_in_the_cache(definition: Definition) -> None:
    jobs = [step for step in definition.walk() if step.type in ("Processing", "Training")]
    assert len(jobs) == 4
    for step in jobs:
        assert step.cache and step.cache.enabled, step.name
    (train,) = [step for step in jobs if step.type == "Training"]
    # Checkpoints are part of the key, and the execution's id must be no part of them.
    assert "Execution." not in json.dumps(train.raw["Arguments"]["CheckpointConfig"])


@pytest.mark.parametrize("step", ["CheckQuality", "PrepareFeatures", "Train", "Evaluate"])
def test_no_job_has_a_network(definition: Definition, step: str) -> None:
    (found,) = [s for s in definition.walk() if s.name == step]
    network = found.raw["Arguments"].get("NetworkConfig", found.raw["Arguments"])
    assert network["EnableNetworkIsolation"] is True


def test_what_explains_a_failed_job_outlives_it(definition: Definition) -> None:
    for name, evidence in {
        "CheckQuality": {"quality", "quarantine", "metrics"},
        "PrepareFeatures": {"quarantine"},
    }.items():
        (step,) = [s for s in definition.walk() if s.name == name]
        outputs = step.raw["Arguments"]["ProcessingOutputConfig"]["Outputs"]
        assert evidence == {
            output["OutputName"]
            for output in outputs
            if output["S3Output"]["S3UploadMode"] == "Continuous"
        }


def test_arguments_are_requests_that_the_service_takes(definition: Definition) -> None:
    checked = 0
    for step in definition.walk():
        if step.type in OPERATIONS:
            operation, names = OPERATIONS[step.type]
            shape = MODEL.operation_model(operation).input_shape
            report = ParamValidator().validate(arguments_of(definition, step) | names, shape)
            assert not report.has_errors(), f"{step.name}: {report.generate_report()}"
            checked += 1
    assert checked == 5


@pytest.mark.parametrize(("name", "value", "step", "where", "expected"), PARAMETERS)
def test_overriding_a_parameter_changes_what_the_job_receives(
    definition: Definition, name: str, value: str, step: str, where: str, expected: Any
) -> None:
    (found,) = [s for s in definition.walk() if s.name == step]
    usual = received(arguments_of(definition, found), where)
    changed = received(arguments_of(definition, found, **{name: value}), where)
    assert usual != changed
    if where == "message":
        assert "0.42" in changed and expected in changed
    else:
        assert changed == expected


def test_every_parameter_is_tried(definition: Definition) -> None:
    assert {p.name for p in definition.parameters} == {name for name, *_ in PARAMETERS}


def test_the_model_package_waits_for_approval_with_its_figures(definition: Definition) -> None:
    (step,) = [s for s in definition.walk() if s.name == "RegisterModel"]
    arguments = arguments_of(definition, step)
    assert arguments["ModelApprovalStatus"] == "PendingManualApproval"
    quality = arguments["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert quality["S3Uri"] == "s3://b/metrics/evaluation.json"


def test_the_model_package_says_how_it_is_deployed(definition: Definition, cloud: Any) -> None:
    (step,) = [s for s in definition.walk() if s.name == "RegisterModel"]
    arguments = arguments_of(definition, step)
    specification = arguments["InferenceSpecification"]
    (container,) = specification["Containers"]
    assert (
        container["ModelDataUrl"] == "s3://b/model.tar.gz"
    )  # the job's own artifact, not repacked
    assert container["Environment"]["SAGEMAKER_TFS_ENABLE_BATCHING"] == "true"
    for kind in ("SupportedContentTypes", "SupportedResponseMIMETypes"):
        assert specification[kind] == ["application/jsonlines", "text/csv"]
    assert specification["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.4xlarge"]
    assert specification["SupportedTransformInstanceTypes"] == ["ml.c5.18xlarge"]
    bucket, _, key = arguments["SamplePayloadUrl"].removeprefix("s3://").partition("/")
    content = client(cloud.environ, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        lines = archive.extractfile("payload.jsonl").read()
    assert all(isinstance(each, str) for each in parse_records(lines, "application/jsonlines"))


def test_the_training_job_has_the_handlers_that_it_puts_into_the_artifact(
    definition: Definition, cloud: Any
) -> None:
    (step,) = [s for s in definition.walk() if s.name == "Train"]
    channels = arguments_of(definition, step)["InputDataConfig"]
    (code,) = [c for c in channels if c["ChannelName"] == "code"]
    uri = code["DataSource"]["S3DataSource"]["S3Uri"]
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    pages = (
        client(cloud.environ, "s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=prefix)
    )
    keys = {entry["Key"].removeprefix(prefix) for page in pages for entry in page["Contents"]}
    assert {f"reviews/{name}" for name in (code_folder.HANDLERS, *code_folder.MODULES)} <= keys


def test_debugger_is_asked_for_only_where_it_is_wanted(
    definition: Definition, texts: list[str]
) -> None:
    members = {"DebugHookConfig", "DebugRuleConfigurations", "ProfilerConfig"}
    (usual,) = [s for s in definition.walk() if s.name == "Train"]
    assert not members & arguments_of(definition, usual).keys()
    changed = check(texts[1], MODEL.operation_model)
    (asking,) = [s for s in changed.walk() if s.name == "Train"]
    arguments = arguments_of(changed, asking)
    assert members <= arguments.keys()
    rules = [rule["RuleParameters"] for rule in arguments["DebugRuleConfigurations"]]
    assert [rule["rule_to_invoke"] for rule in rules] == ["LossNotDecreasing", "Overtraining"]
    shape = MODEL.operation_model("CreateTrainingJob").input_shape
    report = ParamValidator().validate(arguments | {"TrainingJobName": "job"}, shape)
    assert not report.has_errors(), report.generate_report()
