"""Every rule finds what it looks for, and nothing in the same definition put right."""

from pathlib import Path

import pytest

from slipway.definition.check import check
from slipway.definition.errors import DefinitionError
from slipway.definition.lint import RULES, Severity, lint
from slipway.definition.lint.page import page

from ..samples import (
    channel,
    condition,
    definition,
    equal,
    get,
    join,
    output,
    processing,
    source,
    step,
    training,
)

DAY = {"Enabled": True, "ExpireAfter": "P1D"}
REPORT = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "a.json"}]
STAMPED = "s3://bucket/base-20261121073250/input/code"


def call(name="Call", **members):
    return step(name, FunctionArn="arn:f", **members)


def param(name="P", kind="String", **members):
    return [{"Name": name, "Type": kind, **members}]


def mse(file="Report"):
    place = get(f"Steps.Evaluate.PropertyFiles.{file}")
    return {"Std:JsonGet": {"PropertyFile": place, "Path": "mse"}}


def compares(how, left, right):
    return condition("C", [{"Type": how, "LeftValue": left, "RightValue": right}])


def evaluate(**members):
    return processing("Evaluate", PropertyFiles=REPORT, **members)


def loop(*body, **arguments):
    fixed = {"IterableItems": ["a"], "MaxConcurrency": 1, "ForEachBody": list(body)}
    return step("Loop", "ForEach", arguments={**fixed, **arguments})


def selector(field):
    return {"Selector": {"Pick": "MaxBy", "Field": get(field)}}


def emr(**arguments):
    return step("E", "EMR", arguments=arguments)


def policy(kind, *names):
    steps = {"Training": training("S"), "Lambda": call("S")}
    policies = [{"ExceptionType": [name]} for name in names]
    return {**steps.get(kind, step("S", kind)), "RetryPolicies": policies}


def two(branch):
    """A condition with a step in each branch, and a third that waits for both or for one."""
    return (
        condition(
            "C", [equal(get("Parameters.P"), "x")], then=[call("Yes")], otherwise=[call("No")]
        ),
        call("After", DependsOn=["Yes", branch]),
    )


def reads(uri, **members):
    return training("T", {"InputDataConfig": [channel(uri)]}, CacheConfig=DAY, **members)


def after(trigger):
    return [{"Step": "Call", "Trigger": trigger}]


GROUP = {"InstanceGroups": []}
OUTPUTS = [{"OutputName": "o", "OutputType": "String"}]
RESULT = "Steps.Prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"
FRESH = {"Outputs": [output("report", join("s3://b/", get("Execution.PipelineExecutionId")))]}

# rule → steps (and parameters) in which it finds something, and in which it does not
CASES = {
    "duplicate-step": (
        [call("A"), condition("C", [equal(1, 1)], then=[call("A")])],
        [call("A"), condition("C", [equal(1, 1)], then=[call("B")])],
    ),
    "duplicate-parameter": ([], [], param() + param(), param() + param("Q")),
    "duplicate-output": ([call(OutputParameters=OUTPUTS * 2)], [call(OutputParameters=OUTPUTS)]),
    "iteration-name": ([loop(call("Each")), call("Each-0")], [loop(call("Each")), call("Each-x")]),
    "long-job-name": (
        [training("T", {"TrainingJobName": "x" * 39})],
        [training("T", {"TrainingJobName": "x" * 38})],
    ),
    "unknown-parameter": (
        [call(arguments={"a": [join(get("Parameters.Q"))]})],
        [call(arguments={"a": [join(get("Parameters.P"))]})],
        param(),
    ),
    "unknown-step": ([call(DependsOn=["Nope"])], [call(DependsOn=["Other"]), call("Other")]),
    "unknown-property": (
        [training("T"), call(arguments={"a": get("Steps.T.ModelArtifact.S3ModelArtifacts")})],
        [training("T"), call(arguments={"a": get("Steps.T.ModelArtifacts.S3ModelArtifacts")})],
    ),
    "unknown-output": (
        [processing("Prepare"), reads(get(RESULT.replace("report", "reports")))],
        [processing("Prepare"), reads(get(RESULT))],
    ),
    "joined-list": (
        [training("T"), call(arguments={"a": join(get("Steps.T.ModelArtifacts"))})],
        [
            training("T"),
            call(arguments={"a": join(get("Steps.T.ModelArtifacts.S3ModelArtifacts"))}),
        ],
    ),
    "item-outside-a-body": (
        [call(arguments={"a": get("ForEach.CurrentItem")})],
        [loop(call(arguments={"a": get("ForEach.CurrentItem")}))],
    ),
    "wrong-selector": (
        [loop(call("Each"), **selector("IterationOutput.Other.OutputParameters['o']"))],
        [loop(call("Each"), **selector("IterationOutput.Each.OutputParameters['o']"))],
    ),
    "foreign-job-name": (
        [call(arguments={"a": get("Execution.TrainingJobName")})],
        [training("T", {"Environment": {"A": get("Execution.TrainingJobName")}})],
    ),
    "cycle": ([call("A", DependsOn=["B"]), call("B", DependsOn=["A"])], [call("A"), call("B")]),
    "depends-on-fail": (
        [step("Stop", "Fail"), call(DependsOn=["Stop"])],
        [step("Stop", "Fail", DependsOn=["Call"]), call()],
    ),
    "never-runs": ([*two("No")], [*two("C")], param()),
    "failure-with-data": (
        [
            call(OutputParameters=OUTPUTS),
            call(
                "B",
                arguments={"a": get("Steps.Call.OutputParameters['o']")},
                DependsOn=after("Failed"),
            ),
        ],
        [
            call(OutputParameters=OUTPUTS),
            call(
                "B",
                arguments={"a": get("Steps.Call.OutputParameters['o']")},
                DependsOn=after("Any"),
            ),
        ],
    ),
    "uncleaned-source": (
        [
            training("T"),
            step("Clean", "Cleanup", arguments={"Resources": {"S3": [{"StepName": "T"}]}}),
        ],
        [
            training("T"),
            step(
                "Clean",
                "Cleanup",
                arguments={"Resources": {"S3": [{"StepName": "T"}]}},
                DependsOn=[{"Step": "T", "Trigger": "Any"}],
            ),
        ],
    ),
    "wrong-arguments": ([training("T", {"RoleArn": None})], [training("T")]),
    "refused-default": (
        [processing("A", {"AppSpecification": {"ImageUri": get("Parameters.P")}})],
        [processing("A", {"AppSpecification": {"ImageUri": get("Parameters.P")}})],
        param(DefaultValue="x" * 256),
        param(DefaultValue="x" * 255),
    ),
    "fail-message": (
        [step("Stop", "Fail", arguments={"ErrorMessage": 1})],
        [step("Stop", "Fail", arguments={"ErrorMessage": join("a", 1)})],
    ),
    "missing-target": ([step("Call")], [call()]),
    "emr-cluster": ([emr(ClusterId="j", ClusterConfig={"Instances": GROUP})], [emr(ClusterId="j")]),
    "emr-serverless-application": (
        [step("S", "EMRServerless")],
        [step("S", "EMRServerless", arguments={"ApplicationId": "a"})],
    ),
    "check-type": (
        [step("Q", "QualityCheck", arguments=processing("Q")["Arguments"], CheckType="DATA_BIAS")],
        [step("Q", "ClarifyCheck", arguments=processing("Q")["Arguments"], CheckType="DATA_BIAS")],
    ),
    "unchecked-number": (
        [evaluate(), training("T", {"HyperParameters": {"a": mse()}})],
        [evaluate(), training("T", {"HyperParameters": {"a": join(mse())}})],
    ),
    "condition-types": (
        [compares("Equals", get("Parameters.P"), 1)],
        [compares("Equals", get("Parameters.P"), "1")],
        param(),
    ),
    "membership-types": (
        [condition("C", [{"Type": "In", "QueryValue": get("Parameters.P"), "Values": [1, 2]}])],
        [condition("C", [{"Type": "In", "QueryValue": get("Parameters.P"), "Values": [1, "2"]}])],
        param(),
    ),
    "strings-in-order": (
        [compares("LessThan", get("Parameters.P"), "10")],
        [compares("LessThan", get("Parameters.P"), "2020-12-01")],
        param(),
    ),
    "constant-condition": (
        [compares("Equals", 1, 1)],
        [compares("Equals", 1, get("Execution.PipelineName"))],
    ),
    "unused-parameter": (
        [call()],
        [condition("C", [{"Type": "Not", "Condition": equal(get("Parameters.P"), "a")}])],
        param(),
    ),
    "unknown-property-file": (
        [evaluate(), compares("Equals", mse("Reports"), 1)],
        [evaluate(), compares("Equals", mse(), 1)],
    ),
    "property-file-output": (
        [evaluate(arguments={"ProcessingOutputConfig": {"Outputs": [output("other")]}})],
        [evaluate()],
    ),
    "continuous-property-file": (
        [
            evaluate(
                arguments={
                    "ProcessingOutputConfig": {"Outputs": [output("report", mode="Continuous")]}
                }
            )
        ],
        [evaluate()],
    ),
    "duplicate-property-file": ([processing("Evaluate", PropertyFiles=REPORT * 2)], [evaluate()]),
    "timestamp-in-key": (
        [processing("A", {"ProcessingInputs": [source(STAMPED)]}, CacheConfig=DAY)],
        [
            processing(
                "A", {"ProcessingInputs": [source("s3://b/code/20261121/x")]}, CacheConfig=DAY
            )
        ],
    ),
    "execution-in-key": (
        [training("T", {"Environment": {"A": get("Execution.StartDateTime")}}, CacheConfig=DAY)],
        [training("T", {"Environment": {"A": get("Execution.PipelineName")}}, CacheConfig=DAY)],
    ),
    "uncached-upstream": (
        [processing("Prepare", {"ProcessingOutputConfig": FRESH}), reads(get(RESULT))],
        [
            processing("Prepare", {"ProcessingOutputConfig": FRESH}, CacheConfig=DAY),
            reads(get(RESULT)),
        ],
    ),
    "cache-without-end": (
        [training("T", CacheConfig={"Enabled": True})],
        [training("T", CacheConfig={"Enabled": False})],
    ),
    "cache-of-an-uncached-type": (
        [step("M", "Model", CacheConfig=DAY)],
        [call(CacheConfig=DAY)],
    ),
    "unknown-exception-type": (
        [policy("Training", "Step.FAULT")],
        [policy("Training", "Step.THROTTLING")],
    ),
    "repeated-exception-type": (
        [policy("Training", "Step.THROTTLING", "Step.THROTTLING")],
        [policy("Training", "Step.THROTTLING", "Step.SERVICE_FAULT")],
    ),
    "inapplicable-retries": (
        [policy("Lambda", "Step.THROTTLING")],
        [policy("Training", "SageMaker.JOB_INTERNAL_ERROR")],
    ),
}


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
