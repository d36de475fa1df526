"""Every rule finds what it looks for, and nothing in the same definition put right."""

from pathlib import Path

import pytest

from slipway.definition.check import check
from slipway.definition.errors import DefinitionError
from slipway.definition.lint import RULES, Severity, lint
from slipway.definition.lint.page import page

from ..samples import (
    condition,
    definition,
    equal,
    get,
    join,
    processing,
    source,
    step,
    training,
)
from .cases import (
    CASES,
    DAY,
    GROUP,
    OUTPUTS,
    STAMPED,
    call,
    compares,
    emr,
    evaluate,
    loop,
    mse,
    param,
    policy,
    reads,
    two,
)


def found(case, right, operation_model):
    steps = case[1 if right else 0]
    parameters = case[-1 if right else 2] if len(case) > 2 else []
    return lint(definition(*steps, parameters=parameters), operation_model)


@pytest.mark.parametrize("name", sorted({rule.name for rule in RULES} - {"unknown-outside-steps"}))
def test_a_rule_finds_what_it_looks_for_and_only_that(name, operation_model):
    wrong = [each for each in found(CASES[name], False, operation_model) if each.rule == name]
    assert wrong
    assert all(each.message and each.fix for each in wrong)
    assert name not in [each.rule for each in found(CASES[name], True, operation_model)]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.name in CASES], ids=lambda rule: rule.name
)
def test_create_pipeline_refuses_what_a_rule_says_it_refuses(rule, operation_model):
    case = CASES[rule.name]
    whole = definition(*case[0], parameters=case[2] if len(case) > 2 else [])
    if rule.refused:
        with pytest.raises(DefinitionError):
            check(whole.raw, operation_model)
    else:
        assert check(whole.raw, operation_model) == whole


@pytest.mark.parametrize(
    ("config", "rules"),
    [
        ({"ExperimentName": get("Parameters.Q"), "TrialName": "t"}, ["unknown-parameter"]),
        ({"ExperimentName": get("Steps.Call.OutputParameters['o']")}, ["unknown-outside-steps"]),
        ({"ExperimentName": join("a", get("Parameters.P")), "TrialName": "t"}, []),
        ({"ExperimentName": get("Nothing.P")}, ["parse"]),
    ],
)
def test_references_of_the_experiment(config, rules, operation_model):
    whole = {
        "Parameters": param(),
        "Steps": [call(arguments={"p": get("Parameters.P")}, OutputParameters=OUTPUTS)],
        "PipelineExperimentConfig": config,
    }
    assert [each.rule for each in lint(whole, operation_model)] == rules


def test_no_rule_has_the_name_of_another():
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    ("steps", "rule", "message"),
    [
        ([call(arguments={"a": get("Parameters.Pp")})], "unknown-parameter", "Did you mean 'P'?"),
        ([call("A", DependsOn=["A"])], "cycle", "A -> A"),
        (
            [
                step("FailStep", "Fail"),
                condition("CondStep", [equal(1, 1)], DependsOn=["FailStep"]),
            ],
            "depends-on-fail",
            "CondStep can not depends on FailStep",
        ),
        ([*two("No")], "never-runs", "waits for 'Yes' and for 'No'"),
        (
            [loop(call("Each")), call(arguments={"a": get("Steps.Each.OutputParameters['o']")})],
            "unknown-step",
            "'Each' is a step of a ForEach body",
        ),
        (
            [condition("C", [{"Type": "In", "QueryValue": "a", "Values": []}])],
            "membership-types",
            "asks for a String among nothing",
        ),
        ([compares("LessThan", True, False)], "condition-types", "does not apply to a Boolean"),
        ([compares("Equals", mse(), "1")], "unknown-step", "unknown step 'Evaluate'"),
        (
            [
                step("M", "Model"),
                step(
                    "X",
                    "Transform",
                    arguments={"ModelName": get("Steps.M.ModelName")},
                    CacheConfig=DAY,
                ),
            ],
            "uncached-upstream",
            "new in each run of 'M'",
        ),
        (
            [
                training("U"),
                reads(get("Steps.U.ModelArtifacts.S3ModelArtifacts")),
            ],
            "uncached-upstream",
            "Cache 'U' too",
        ),
        ([policy("Model", "SageMaker.CAPACITY_ERROR")], "inapplicable-retries", "it runs no job"),
        (
            [policy("Tuning", "SageMaker.JOB_INTERNAL_ERROR")],
            "inapplicable-retries",
            "never retry SageMaker.JOB_INTERNAL_ERROR",
        ),
        (
            [
                emr(
                    ClusterConfig={
                        "Name": "n",
                        "Instances": {**GROUP, "TerminationProtected": True},
                    }
                )
            ],
            "emr-cluster",
            "The pipeline sets this itself.",
        ),
        (
            [
                evaluate(),
                processing(
                    "P", {"AppSpecification": {"ImageUri": "i", "ContainerArguments": [mse()]}}
                ),
            ],
            "unchecked-number",
            "Wrap it in a Std:Join",
        ),
        (
            [
                processing("Prepare", {"ProcessingInputs": [source("s3://b/k", "code")]}),
                call(arguments={"a": get("Steps.Prepare.ProcessingInputs['cod'].S3Input.S3Uri")}),
            ],
            "unknown-output",
            "has no InputName 'cod'. Did you mean 'code'?",
        ),
        ([step("Stop", "Fail", arguments={"Message": "a"})], "fail-message", "Unknown Argument"),
        ([step("Q", "Callback")], "missing-target", "SqsQueueUrl"),
        (
            [training("T", {"InputDataConfig": get("Parameters.P")})],
            "wrong-arguments",
            "Json Array",
        ),
    ],
)
def test_what_a_finding_says(steps, rule, message, operation_model):
    findings = lint(definition(*steps, parameters=param()), operation_model)
    texts = [f"{each.message} {each.fix}" for each in findings if each.rule == rule]
    assert any(message in text for text in texts), texts


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("sklearn-abalone-pre-2022-07-13-15-58-56-005", True),
        ("base-20261121073250", True),
        ("run-2026-11-21T07:32", True),
        ("code/5d9f8cf978eb635fdf8359a0de190535/preprocessing.py", False),
        ("sha256/20261121073250999/x", False),
        ("2026-11-21", False),
        ("account-123456789012", False),
    ],
)
def test_what_looks_like_a_time(text, is_time, operation_model):
    whole = definition(
        processing("A", {"ProcessingInputs": [source(f"s3://bucket/{text}")]}, CacheConfig=DAY)
    )
    rules = [finding.rule for finding in lint(whole, operation_model)]
    assert ("timestamp-in-key" in rules) == is_time


def test_what_is_not_compared_may_hold_a_time(operation_model):
    stamped = {"OutputDataConfig": {"S3OutputPath": STAMPED}}
    assert lint(definition(training("T", stamped, CacheConfig=DAY)), operation_model) == ()


def test_errors_come_first_then_the_order_of_the_steps(operation_model):
    findings = lint(
        definition(
            training("A", CacheConfig={"Enabled": True}),
            call("B", DependsOn=["Nope"]),
            training("C", {"RoleArn": None}),
        ),
        operation_model,
    )
    assert [(each.rule, each.step) for each in findings] == [
        ("unknown-step", "B"),
        ("wrong-arguments", "C"),
        ("cache-without-end", "A"),
    ]


def test_what_cannot_be_parsed_is_found_too(operation_model):
    findings = lint('{"Steps": [{"Name": "A", "Type": "Nope", "Arguments": {}}]}', operation_model)
    assert [(each.rule, each.severity, each.step) for each in findings] == [
        ("parse", Severity.ERROR, "A")
    ]
    assert "Unknown step type 'Nope'" in findings[0].message


def test_the_page_of_rules_is_up_to_date():
    written = Path(__file__).parents[4] / "docs" / "lint.md"
    assert written.read_text() == page()
    assert all(f"`{rule.name}`" in page() for rule in RULES)
