"""Templates: what their text says, and what is refused before anything is made."""

import json

import pytest

from slipway.cloud.cloudformation import conditions, parameters, references
from slipway.cloud.cloudformation.functions import NotYet, Scope, resolve
from slipway.cloud.cloudformation.parameters import Given, Parameter, settled
from slipway.cloud.cloudformation.resource import Made
from slipway.cloud.cloudformation.template import parse
from slipway.cloud.cloudformation.text import TemplateError, read

BUCKET = {"Type": "AWS::S3::Bucket"}


class Outside:
    def zones(self, region):
        return [f"{region}a", f"{region}b"]

    def imported(self, name):
        return f"<{name}>"


SCOPE = Scope(
    {"AWS::Region": "us-east-1", "AWS::StackName": "stack"},
    {"Name": "reviews", "List": ["a", "b"]},
    {"Sizes": {"dev": {"count": 1, "zones": ["x"]}}},
    Outside(),
    {"Yes": True, "No": False},
    {"Bucket": Made("bucket-1", {"Arn": "arn:bucket-1", "Endpoint": {"Port": 5}})},
    frozenset({"Bucket", "Later"}),
)


def test_the_short_forms_of_yaml_are_the_long_ones():
    text = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  A: {Type: T, Properties: {a: !GetAtt B.Arn.x, b: !Sub "${C}", c: !If [Y, !Ref D, !Ref AWS::NoValue]}}
Conditions:
  Y: !Not [!Condition N]
"""
    found = read(text)
    assert found["AWSTemplateFormatVersion"] == "2010-09-09"  # a date would be none of JSON's
    assert found["Resources"]["A"]["Properties"] == {
        "a": {"Fn::GetAtt": ["B", "Arn.x"]},
        "b": {"Fn::Sub": "${C}"},
        "c": {"Fn::If": ["Y", {"Ref": "D"}, {"Ref": "AWS::NoValue"}]},
    }
    assert found["Conditions"]["Y"] == {"Fn::Not": [{"Condition": "N"}]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "reviews"),
        ({"Ref": "Bucket"}, "bucket-1"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:bucket-1"),
        ({"Fn::GetAtt": "Bucket.Endpoint.Port"}, 5),
        ({"Fn::Sub": "${Bucket.Arn}/${Name}/${!Name}/${AWS::Region}"}, "arn:bucket-1/reviews/${Name}/us-east-1"),
        ({"Fn::Sub": ["${x}-${Name}", {"x": {"Ref": "Bucket"}}]}, "bucket-1-reviews"),
        ({"Fn::Join": ["-", ["a", 1, True, {"Ref": "Name"}]]}, "a-1-true-reviews"),
        ({"Fn::Join": [",", {"Ref": "List"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "x,y"]}]}, "y"),
        ({"Fn::FindInMap": ["Sizes", "dev", "count"]}, 1),
        ({"Fn::If": ["No", 1, {"x": {"Ref": "AWS::NoValue"}, "y": 2}]}, {"y": 2}),
        ([1, {"Fn::If": ["Yes", {"Ref": "AWS::NoValue"}, 2]}], [1]),
        ({"Fn::Base64": "hello"}, "aGVsbG8="),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Select": [1, {"Fn::GetAZs": ""}]}, "us-east-1b"),
        ({"Fn::ImportValue": {"Fn::Sub": "${Name}-x"}}, "<reviews-x>"),
        ({"Ref": "x", "Other": "no function"}, {"Ref": "x", "Other": "no function"}),
    ],
    ids=lambda value: None,
)  # fmt: skip
def test_what_a_function_gives(value, expected):
    assert resolve(value, SCOPE) == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Fn::Nope": 1}, "unsupported function Fn::Nope"),
        ({"Ref": "Nothing"}, "Unresolved resource dependencies [Nothing]"),
        ({"Fn::GetAtt": ["Bucket", "Nope"]}, "does not support attribute type Nope"),
        ({"Fn::FindInMap": ["Sizes", "prod", "count"]}, "Sizes::prod::count"),
        ({"Fn::Select": [5, ["a"]]}, "cannot select index 5"),
        ({"Fn::Cidr": ["10.0.0.0/24", 3, 7]}, "has no 3 blocks"),
        ({"Fn::Length": [1]}, "needs the transform AWS::LanguageExtensions"),
    ],
    ids=lambda value: None,
)
def test_what_a_function_refuses(value, said):
    with pytest.raises(TemplateError, match=said.replace("[", r"\[").replace("]", r"\]")):
        resolve(value, SCOPE)


def test_a_resource_that_is_not_there_yet_is_no_mistake():
    with pytest.raises(NotYet, match="Later"):
        resolve({"Fn::Sub": "${Later.Arn}"}, SCOPE)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "At least one Resources member"),
        ({"Resources": {"A": BUCKET}, "Resoures": {}}, r"\[Resoures\]"),
        ({"Resources": {"A-b": BUCKET}}, "A-b is non alphanumeric"),
        ({"Resources": {"A": {"Properties": {}}}}, "must contain a Type"),
        ({"Resources": {"A": BUCKET | {"DeletionPolicy": "Snapshot"}}}, "makes no snapshots"),
        ({"Resources": {"A": BUCKET | {"CreationPolicy": {"x": 1}}}}, "CreationPolicy"),
        (
            {"Resources": {"A": BUCKET}, "Transform": "AWS::Serverless-2016-10-31"},
            "AWS::Serverless",
        ),
    ],
    ids=lambda value: None,
)
def test_a_template_that_is_none(document, said):
    with pytest.raises(TemplateError, match=said):
        parse(json.dumps(document))


def test_conditions_and_rules():
    decided = conditions.decided(
        {
            "Dev": {"Fn::Equals": [{"Ref": "Name"}, "reviews"]},
            "Not": {"Fn::Not": [{"Condition": "Dev"}]},
            "Some": {"Fn::Or": [{"Condition": "Not"}, {"Fn::And": [{"Condition": "Dev"}, True]}]},
        },
        SCOPE,
    )
    assert decided == {"Dev": True, "Not": False, "Some": True}
    rule = {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Contains": [["reviews"], {"Ref": "Name"}]}]},
                "AssertDescription": "another name",
            }
        ]
    }
    assert conditions.broken({"Check": rule}, SCOPE) == ["another name"]
    with pytest.raises(TemplateError, match="circular"):
        conditions.decided({"A": {"Condition": "B"}, "B": {"Condition": "A"}}, SCOPE)


def test_who_waits_for_whom():
    template = parse(
        json.dumps(
            {
                "Resources": {
                    "A": BUCKET
                    | {"Properties": {"x": {"Fn::Sub": "${B.Arn}"}}, "DependsOn": "Off"},
                    "B": BUCKET | {"Properties": {"x": {"Fn::If": ["No", {"Ref": "A"}, 1]}}},
                    "Off": BUCKET | {"Condition": "No"},
                }
            }
        )
    )
    before = references.graph(template, {"No": False}, {})
    assert before == {"A": {"B"}, "B": frozenset()}
    assert references.in_order(before) == ["B", "A"]
    with pytest.raises(TemplateError, match=r"Circular dependency between resources: \[A, B\]"):
        references.graph(template, {"No": True}, {})


def test_parameters():
    definitions = {
        "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"},
        "Count": {"Type": "Number", "MaxValue": 3},
        "Secret": {"Type": "String", "NoEcho": True},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/list"},
    }

    def ask(**given):
        sent = {name: Given(value) for name, value in given.items()}
        return settled(definitions, sent, {"Secret": Parameter("old")}, {"/list": "a, b"}.get)

    found = ask(Count="2", Secret=None)
    assert found["Secret"] == Parameter("old", hidden=True)
    assert parameters.values(definitions, found) == {
        "Stage": "dev",
        "Count": "2",
        "Secret": "old",
        "Stored": ["a", "b"],
    }
    for given, said in (
        ({"Secret": "x"}, r"\[Count\] must have values"),
        ({"Count": "4", "Secret": "x"}, "4 is more than 3"),
        ({"Count": "x", "Secret": "x"}, "not a number"),
        ({"Count": "1", "Secret": "x", "Stage": "test"}, "AllowedValues"),
        ({"Count": "1", "Secret": "x", "Other": "y"}, r"\[Other\] do not exist"),
        ({"Count": "1", "Secret": "x", "Stored": "/no"}, "Unable to fetch"),
    ):
        with pytest.raises(TemplateError, match=said):
            ask(**given)
