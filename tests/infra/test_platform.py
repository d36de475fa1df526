"""What the stacks ml, triggers, delivery and operations promise, read in the templates that are kept."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from slipway.cloud.iam.evaluate import Access, Policies, Principal, decide
from slipway.cloud.iam.policy import parse

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOTS = Path(__file__).with_name("snapshots")
RUNBOOKS = ROOT / "docs" / "runbooks"


@cache
def template(stack: str, sample: str = "minimal") -> dict[str, Any]:
    found = yaml.safe_load((SNAPSHOTS / sample / f"{stack}.yaml").read_text())
    return dict(found["Resources"])


def of_type(stack: str, kind: str, sample: str = "minimal") -> dict[str, Any]:
    found = template(stack, sample)
    return {name: each["Properties"] for name, each in found.items() if each["Type"] == kind}


def real(text: str) -> str:
    """Return a text with ARNs where the kept templates have references."""
    text = re.sub(r"<(\w+?)[0-9A-F]{8}\.Arn>", r"arn:aws:iam::123456789012:role/\1", text)
    exported = (
        r"slipway-dev-lake:ExportsOutputFnGetAtt([A-Za-z]+?)(Bucket)?[0-9A-F]{8}Arn[0-9A-F]{8}"
    )
    text = re.sub(exported, r"arn:aws:s3:::\1", text)
    for name, value in (
        ("Partition", "aws"),
        ("Region", "us-east-1"),
        ("AccountId", "123456789012"),
    ):
        text = text.replace(f"<AWS::{name}>", value)
    return text


def outcome(role: str, action: str, resource: str, **context: str) -> str:
    """Return what a role's own policy says."""
    policies = of_type("ml", "AWS::IAM::ManagedPolicy")
    (found,) = [each for name, each in policies.items() if name.startswith(f"{role}RolePolicy")]
    document = json.loads(real(json.dumps(found["PolicyDocument"])))
    keys = {key.replace("__", ":").lower(): (value,) for key, value in context.items()}
    principal = Principal("AWS", "arn:aws:sts::123456789012:assumed-role/r/s")
    access = Access(action, resource, principal, keys)
    return decide(Policies(identity=[parse(document, role, "identity")]), access).outcome


def sagemaker(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}"


def bucket(name: str, key: str) -> str:
    return f"arn:aws:s3:::{name}/{key}"


PACKAGE = sagemaker("model-package", "reviews-bert/7")
PIPELINE = sagemaker("pipeline", "slipway-dev-reviews")


def test_a_scientist_starts_executions_and_may_not_approve() -> None:
    assert outcome("Scientist", "sagemaker:StartPipelineExecution", PIPELINE) == "allowed"
    assert outcome("Scientist", "sagemaker:UpdateModelPackage", PACKAGE) == "explicitDeny"


def test_ops_approves_and_may_not_read_raw_data() -> None:
    assert outcome("Ops", "sagemaker:UpdateModelPackage", PACKAGE) == "allowed"
    assert outcome("Ops", "s3:GetObject", bucket("Raw", "reviews/tsv/a.tsv")) == "explicitDeny"
    assert outcome("Ops", "sagemaker:StartPipelineExecution", PIPELINE) == "implicitDeny"


def test_ops_moves_dead_letters_back_and_retries_executions() -> None:
    sqs = "arn:aws:sqs:us-east-1:123456789012:slipway-dev-triggers-{}0A1B-x".format
    for action in ("ReceiveMessage", "StartMessageMoveTask", "DeleteMessage"):
        assert outcome("Ops", f"sqs:{action}", sqs("LandedDeadLetters")) == "allowed"
        assert outcome("Ops", f"sqs:{action}", sqs("LandedQueue")) == "implicitDeny"
    assert outcome("Ops", "sqs:SendMessage", sqs("LandedQueue")) == "allowed"
    assert (
        outcome("Ops", "sagemaker:RetryPipelineExecution", f"{PIPELINE}/execution/x") == "allowed"
    )
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/slipway-dev/functions/debounce"
    assert outcome("Ops", "logs:FilterLogEvents", group) == "allowed"


def test_training_reads_features_and_not_raw_data() -> None:
    features = bucket("Features", "reviews-training/x/train/part-0")
    assert outcome("Training", "s3:GetObject", features) == "allowed"
    assert outcome("Training", "s3:GetObject", bucket("Raw", "reviews/tsv/a")) == "implicitDeny"
    assert outcome("Training", "s3:PutObject", features) == "implicitDeny"


def test_the_pipeline_registers_only_what_waits_for_approval() -> None:
    for status, expected in (("PendingManualApproval", "allowed"), ("Approved", "implicitDeny")):
        keys = {"sagemaker__ModelApprovalStatus": status}
        assert outcome("Pipeline", "sagemaker:CreateModelPackage", PACKAGE, **keys) == expected
    assert outcome("Pipeline", "sagemaker:CreateModelPackage", PACKAGE) == "implicitDeny"


def test_a_role_is_passed_to_sagemaker_only() -> None:
    role = "arn:aws:iam::123456789012:role/TrainingRole"
    for service, expected in (("sagemaker", "allowed"), ("lambda", "implicitDeny")):
        keys = {"iam__PassedToService": f"{service}.amazonaws.com"}
        assert outcome("Pipeline", "iam:PassRole", role, **keys) == expected


@pytest.mark.parametrize(
    "kind", ["processing", "training", "pipeline", "serving", "scientist", "ops"]
)
def test_each_kind_of_role_has_its_output(kind: str) -> None:
    kept = yaml.safe_load((SNAPSHOTS / "minimal" / "ml.yaml").read_text())
    assert f"{kind.title()}RoleArn" in kept["Outputs"]


def test_every_alarm_has_a_runbook_and_tells_somebody() -> None:
    alarms = of_type("operations", "AWS::CloudWatch::Alarm")
    assert len(alarms) > 12
    index = (RUNBOOKS / "README.md").read_text()
    for name, alarm in alarms.items():
        page = alarm["AlarmDescription"].rpartition("/")[2]
        assert (RUNBOOKS / page).is_file(), name
        assert f"({page})" in index
        assert alarm["AlarmActions"]
    assert "release-rolled-back.md" in json.dumps(of_type("delivery", "AWS::Lambda::Function"))
    for page in RUNBOOKS.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index


def test_every_queue_of_dead_letters_has_an_alarm() -> None:
    """One that fills unseen is where things get lost."""
    watched = json.dumps(of_type("operations", "AWS::CloudWatch::Alarm"))
    for stack in ("triggers", "delivery", "operations"):
        queues = of_type(stack, "AWS::SQS::Queue")
        redriven = json.dumps([each.get("RedrivePolicy") for each in queues.values()])
        functions = json.dumps(of_type(stack, "AWS::Lambda::Function"))
        dead = [
            name
            for name in queues
            if name in redriven or name in functions.partition("QUEUE_URL")[0]
        ]
        assert dead
        for name in dead:
            assert name in watched, name


def test_only_files_below_the_raw_prefix_start_the_pipeline() -> None:
    (rule,) = of_type("triggers", "AWS::Events::Rule").values()
    assert rule["EventPattern"]["detail"]["object"] == {"key": [{"prefix": "reviews/tsv/"}]}
    (name,) = rule["EventPattern"]["detail"]["bucket"]["name"]
    assert "RawBucket" in name


def test_the_nightly_schedule_is_off_unless_it_is_set() -> None:
    assert not of_type("triggers", "AWS::Scheduler::Schedule")


def test_functions_that_nobody_waits_for_have_a_place_for_what_fails() -> None:
    for stack in ("ml", "triggers", "delivery", "operations"):
        for name, function in of_type(stack, "AWS::Lambda::Function").items():
            assert function["DeadLetterConfig"]["TargetArn"], name
    for stack in ("triggers", "delivery", "operations"):
        for name, rule in of_type(stack, "AWS::Events::Rule").items():
            for target in rule["Targets"]:
                assert "DeadLetterConfig" in target or "Alarms" in target["Arn"], name
