"""From the definition JSON to the model, and every fault of form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.errors import DefinitionError
from slipway.definition.load import LONGEST
from slipway.definition.model import (
    CacheConfig,
    Comparison,
    Dependency,
    ExperimentConfig,
    Membership,
    Negation,
    Operator,
    OutputParameter,
    Parameter,
    ParameterType,
    PropertyFile,
    RetryPolicy,
    Trigger,
)
from slipway.definition.parse import parse, parse_one_step

from .samples import condition, definition, equal, get, step
from .strategies import names, plain, primitives


def faults(source):
    with pytest.raises(DefinitionError) as caught:
        parse(source)
    return [str(fault) for fault in caught.value.faults]


def step_faults(kind="Lambda", **members):
    return faults({"Steps": [step("A", kind, **members)]})


def test_the_least_definition():
    parsed = parse('{"Steps": []}')
    assert (parsed.version, parsed.steps, parsed.parameters) == ("2020-12-01", (), ())
    assert parsed.experiment is None


def test_what_sdks_emit_as_null_or_empty_is_taken():
    parsed = definition(Metadata={}, PipelineExperimentConfig=None, MlflowConfig=None)
    assert (parsed.experiment, parsed.mlflow) == (None, None)


def test_experiment_and_mlflow():
    parsed = definition(
        PipelineExperimentConfig={
            "ExperimentName": "e",
            "TrialName": get("Execution.PipelineName"),
        },
        MlflowConfig={"MlflowResourceArn": "arn:x", "MlflowExperimentName": "m"},
    )
    assert parsed.experiment == ExperimentConfig("e", get("Execution.PipelineName"))
    assert parsed.mlflow == {"MlflowResourceArn": "arn:x", "MlflowExperimentName": "m"}


@pytest.mark.parametrize("name", [5, "x" * 121, {"Get": "Nothing.A"}])
def test_an_experiment_name_that_is_none(name):
    config = {"ExperimentName": name}
    found = faults({"Steps": [], "PipelineExperimentConfig": config})
    assert len(found) == 1
    assert "PipelineExperimentConfig.ExperimentName" in found[0]


@given(st.lists(names, unique=True, max_size=5), plain)
def test_text_and_object_are_the_same_definition_and_nothing_of_it_is_lost(step_names, value):
    source = {
        "Version": "2020-12-01",
        "Steps": [step(name, arguments={"event": value}) for name in step_names],
    }
    parsed = parse(json.dumps(source))
    assert parsed == parse(source)
    assert [each.name for each in parsed.steps] == step_names
    assert all(each.arguments == {"event": value} for each in parsed.steps)
    assert parse(json.dumps(parsed.raw)) == parsed


@given(names, primitives)
def test_a_default_gives_the_parameter_its_value(name, default):
    kind = {str: "String", bool: "Boolean", int: "Integer", float: "Float"}[type(default)]
    source = {"Name": name, "Type": kind, "DefaultValue": default}
    parsed = definition(parameters=[source]).parameters
    assert parsed == (Parameter(name, ParameterType(kind), default),)


def test_a_parameter_needs_no_more_than_a_name():
    assert definition(parameters=[{"Name": "P"}]).parameters == (Parameter("P"),)


def test_a_whole_number_is_a_float_default():
    parsed = definition(parameters=[{"Name": "P", "Type": "Float", "DefaultValue": 6}])
    assert repr(parsed.parameters[0].default) == "6.0"


def test_all_keys_of_a_step():
    parsed = parse_one_step(
        step(
            "Call",
            FunctionArn="arn:f",
            OutputParameters=[{"OutputName": "o", "OutputType": "Integer"}],
            DependsOn=["A", {"Step": "B", "Trigger": "Failed"}],
            DisplayName="Call it",
            Description="It calls.",
            CacheConfig={"Enabled": False, "ExpireAfter": "ignored when off"},
            RetryPolicies=[
                {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 0},
                {"ExceptionType": ["Step.SERVICE_FAULT"], "BackoffRate": 1, "ExpireAfterMin": 9},
                {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"]},
            ],
        )
    )
    assert parsed.depends_on == (Dependency("A"), Dependency("B", Trigger.FAILED))
    assert parsed.output_parameters == (OutputParameter("o", ParameterType.INTEGER),)
    assert parsed.extras == {"FunctionArn": "arn:f"}
    assert parsed.cache == CacheConfig(enabled=False)
    assert parsed.retry_policies == (
        RetryPolicy(("Step.THROTTLING",), max_attempts=0),
        RetryPolicy(("Step.SERVICE_FAULT",), 1, 1.0, None, 9),
        RetryPolicy(("SageMaker.JOB_INTERNAL_ERROR",), 1, 2.0, 5, None),
    )
    assert (parsed.display_name, parsed.description) == ("Call it", "It calls.")


def test_property_files():
    file = {"PropertyFileName": "F", "OutputName": "o", "FilePath": "a/b.json"}
    parsed = parse_one_step(step("P", "Processing", PropertyFiles=[file]))
    assert parsed.property_files == (PropertyFile("F", "o", "a/b.json"),)


def test_branches_are_steps_not_arguments():
    inner = condition("Inner", [equal(1, 1)], then=[step("Deep")])
    parsed = parse_one_step(condition("C", [equal(1, 2)], then=[step("Yes")], otherwise=[inner]))
    assert parsed.conditions == (Comparison(Operator.EQUALS, 1, 2),)
    assert [each.name for each in parsed.walk()] == ["C", "Yes", "Inner", "Deep"]
    assert list(parsed.arguments) == ["Conditions"]


def test_a_for_each_has_a_body():
    arguments = {
        "IterableItems": [1, get("Parameters.P")],
        "MaxConcurrency": 2,
        "ForEachBody": [step("Each", arguments={"item": get("ForEach.CurrentItem.a")})],
    }
    parsed = parse_one_step(step("Loop", "ForEach", arguments=arguments))
    assert [each.name for each in parsed.body] == ["Each"]
    assert list(parsed.arguments) == ["IterableItems", "MaxConcurrency"]


def test_not_in_both_spellings_of_in():
    parsed = parse_one_step(condition("C", [{"Type": "NotIn", "Value": 1, "In": [2]}]))
    assert parsed.conditions == (Negation(Membership(1, (2,))),)


def test_a_refusal_opens_as_aws_opens_it_and_has_every_fault():
    with pytest.raises(DefinitionError) as caught:
        definition(
            step("A", Depend=["B"]), step("B", CacheConfig={"Enabled": True, "ExpireAfter": "x"})
        )
    text = str(caught.value)
    assert text.startswith("Unable to parse pipeline definition. Cannot parse object, ")
    assert "unknown property 'Depend'. Did you mean 'DependsOn'? (step 'A')" in text
    assert "'x' is not a duration" in text
    assert "(step 'B', CacheConfig.ExpireAfter)" in text


def test_the_condition_that_an_old_sdk_wrote_is_refused_in_awss_words():
    old = {"Type": "Not", "Expression": equal(1, 1)}
    assert step_faults("Condition", arguments={"Conditions": [old]})[0].startswith(
        "Cannot parse object, unknown property 'Expression'."
    )


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{", "It is not valid JSON"),
        ("[]", "Expecting start of Json Object."),
        ('{"Steps": [], "Steps": []}', "more than one member 'Steps'"),
        ('{"Steps": [NaN]}', "NaN is not a JSON number"),
        ('{"Steps": [1e400]}', "the number 1e400 is too large"),
        ('{"Steps": [10000000000000000000]}', "the number 10000000000000000000 is too large"),
        ('{"Steps": ["\\ud800"]}', r"\ud800 is half a character"),
        ("{}", "Missing required property 'Steps'."),
        ('{"Steps": {}}', "Expecting start of Json Array. (Steps)"),
        ('{"Steps": [1]}', "Expecting start of Json Object. (Steps[0])"),
        ('{"Steps": [], "Version": "2021-01-01"}', "Unknown version '2021-01-01'"),
        ('{"Steps": [], "Step": []}', "unknown property 'Step'. Did you mean 'Steps'?"),
        ('{"Steps": [], "Metadata": {"a": 1}}', "strings up to 1024"),
        ("[" * 100_000, "nested too deeply"),
        ('{"Steps": ["' + "x" * LONGEST + '"]}', "maximum allowed: 1048576"),
    ],
)
def test_a_definition_that_is_none(source, fault):
    assert fault in faults(source)[0]


def test_a_value_that_nests_deeper_than_the_reader_goes_is_refused():
    value = 1
    for _ in range(200):
        value = [value]
    assert faults({"Steps": [step("A", arguments={"a": [[value] * 2]})]}) == [
        "It is nested too deeply."
    ]


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        ({"Type": "String"}, "Missing required property 'Name'. (Parameters[0])"),
        ({"Name": "a b"}, "'a b' does not match the pattern"),
        ({"Name": "P", "Type": "Int"}, "Unknown Type 'Int'. Did you mean 'Integer'?"),
        ({"Name": "P", "Type": "Integer", "DefaultValue": "1"}, 'expected Integer, found "1"'),
        ({"Name": "P", "Type": "Integer", "DefaultValue": True}, "expected Integer, found true"),
        ({"Name": "P", "DefaultValue": 1}, "expected String, found 1"),
        ({"Name": "P", "DefaultValue": "c", "EnumValues": ["a"]}, "is not one of ['a']"),
        ({"Name": "P", "Type": "Float", "EnumValues": ["a"]}, "for String parameters only"),
        ({"Name": "P", "DefaultValue": "x" * 4097}, "maximum allowed: 4096"),
        ({"Name": "P", "Default": 1}, "unknown property 'Default'. Did you mean 'DefaultValue'?"),
    ],
)
def test_a_faulty_parameter(parameter, fault):
    assert fault in faults({"Steps": [], "Parameters": [parameter]})[0]


def test_at_most_200_parameters():
    many = [{"Name": f"P{number}"} for number in range(201)]
    assert "at most 200" in faults({"Steps": [], "Parameters": many})[0]


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"kind": "Procesing"}, "Unknown step type 'Procesing'. Did you mean 'Processing'?"),
        ({"FunctionARN": "a"}, "unknown property 'FunctionARN'. Did you mean 'FunctionArn'?"),
        ({"DependsOn": "B"}, "Expecting start of Json Array. (step 'A', DependsOn)"),
        ({"DependsOn": [{"Step": "B", "Trigger": "Fail"}]}, "Did you mean 'Failed'?"),
        ({"DependsOn": [{"Trigger": "Failed"}]}, "Missing required property 'Step'."),
        (
            {"DependsOn": ["B", {"Step": "B", "Trigger": "Any"}]},
            "depends on step B with conflicting triggers: Completed and Any.",
        ),
        ({"DisplayName": "x" * 257}, "maximum allowed: 256"),
        ({"Description": 1}, "Expecting a string, found the number 1."),
        ({"CacheConfig": {"ExpireAfter": "P1D"}}, "Missing required property 'Enabled'."),
        ({"CacheConfig": {"Enabled": "yes"}}, "Expecting true or false"),
        ({"arguments": get("Parameters.P")}, "Expecting start of Json Object."),
        ({"arguments": get(5)}, "Expecting start of Json Object."),
        ({"arguments": []}, "Expecting start of Json Object."),
        ({"arguments": {"a": get("Parameter.P")}}, "'Parameter.P' is not a reference"),
        ({"FunctionArn": get("Step.A.B")}, "'Step.A.B' is not a reference"),
        ({"RetryPolicies": [{"MaxAttempts": 1}]}, "Missing required property 'ExceptionType'."),
        (
            {"RetryPolicies": [{"ExceptionType": [], "MaxAttempts": 1, "ExpireAfterMin": 1}]},
            "exclude each other",
        ),
        ({"RetryPolicies": [{"ExceptionType": [], "MaxAttempts": 21}]}, "expected 0 to 20"),
        ({"RetryPolicies": [{"ExceptionType": [], "MaxAttempts": 1.5}]}, "Expecting an integer"),
        (
            {"RetryPolicies": [{"ExceptionType": [], "IntervalSeconds": 43201}]},
            "expected 0 to 43200",
        ),
        (
            {"RetryPolicies": [{"ExceptionType": [], "ExpireAfterMin": 14401}]},
            "expected 0 to 14400",
        ),
        ({"RetryPolicies": [{"ExceptionType": [1]}]}, "ExceptionType[0]"),
        ({"OutputParameters": [{"OutputName": "x" * 257}]}, "maximum allowed: 256"),
        ({"OutputParameters": [{"OutputName": f"o{n}"} for n in range(51)]}, "at most 50"),
        ({"kind": "Training", "arguments": None}, "Missing required property 'Arguments'."),
    ],
)
def test_a_faulty_step(members, fault):
    found = step_faults(**members)
    assert fault in found[0]
    assert "(step 'A'" in found[0]


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ({}, "Missing required property 'Type'."),
        ({"Type": "Equal", "LeftValue": 1, "RightValue": 1}, "Did you mean 'Equals'?"),
        ({"Type": "Equals", "LeftValue": 1}, "Missing required property 'RightValue'."),
        ({"Type": "In", "QueryValue": 1}, "Missing required property 'Values'."),
        ({"Type": "In", "QueryValue": 1, "Values": 1}, "Expecting start of Json Array."),
        ({"Type": "Or", "Conditions": [{"Type": "Not"}]}, "Arguments.Conditions[0].Conditions[0]"),
        (equal(get("Nothing.A"), 1), "'Nothing.A' is not a reference"),
    ],
)
def test_a_faulty_condition(condition, fault):
    found = step_faults("Condition", arguments={"Conditions": [condition]})
    assert fault in found[0]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"MaxConcurrency": 1, "ForEachBody": []}, "Missing required property 'IterableItems'."),
        ({"IterableItems": [], "MaxConcurrency": 1, "ForEachBody": []}, "0 items"),
        ({"IterableItems": [1], "MaxConcurrency": 51, "ForEachBody": []}, "expected 1 to 50"),
        (
            {"IterableItems": [1], "MaxConcurrency": 1, "ForEachBody": [step("F", "Fail")]},
            "A Fail step may not be in a ForEach body. (step 'A', Arguments.ForEachBody[0])",
        ),
    ],
)
def test_a_faulty_for_each(arguments, fault):
    assert any(fault in found for found in step_faults("ForEach", arguments=arguments))


@pytest.mark.parametrize("name", ["", "a b", "a.b", "x" * 65, "ä"])
def test_a_step_name_that_is_none(name):
    assert "does not match the pattern" in faults({"Steps": [step(name)]})[0]


def test_a_step_without_a_name_is_known_by_its_place():
    assert faults({"Steps": [step("A"), {"Type": "Lambda"}]}) == [
        "Missing required property 'Name'. (Steps[1])"
    ]


def test_a_faulty_step_in_a_branch_is_named():
    inside = condition("C", [equal(1, 1)], then=[step("Inner", Typo=1)])
    assert "(step 'Inner')" in faults({"Steps": [inside]})[0]
