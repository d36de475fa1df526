"""Requests against AWS's own model, refused in AWS's own words."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from botocore.model import ServiceModel, ShapeResolver
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.json_protocol import parse, service_model, validate
from slipway.cloud.patterns import matches
from slipway.cloud.service import ServiceError
from slipway.cloud.shapes import WrongType, convert, violations

MODEL = service_model("sagemaker")


def refusal(operation, **members):
    with pytest.raises(ServiceError) as caught:
        validate(MODEL.operation_model(operation), members)
    return caught.value


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        (
            "CreateModel",
            {},
            "1 validation error detected: Value at 'modelName' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "CreateModel",
            {"ModelName": "m" * 64},
            f"1 validation error detected: Value '{'m' * 64}' at 'modelName' failed to satisfy "
            "constraint: Member must have length less than or equal to 63",
        ),
        (
            "CreateModel",
            {"ModelName": "m", "Containers": [{}, {"Mode": "x"}]},
            "1 validation error detected: Value 'x' at 'containers.2.member.mode' failed to "
            "satisfy constraint: Member must satisfy enum value set: [SingleModel, MultiModel]",
        ),
        (
            "CreateModel",
            {"ModelName": "m", "VpcConfig": {"SecurityGroupIds": ["a b"], "Subnets": []}},
            "2 validation errors detected: Value '[a b]' at 'vpcConfig.securityGroupIds' failed to "
            "satisfy constraint: Member must satisfy constraint: [Member must have length less than "
            "or equal to 32, Member must have length greater than or equal to 0, Member must "
            "satisfy regular expression pattern: [-0-9a-zA-Z]+]; Value '[]' at 'vpcConfig.subnets' "
            "failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            "ListModels",
            {"MaxResults": 0},
            "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
    ],
)
def test_a_broken_constraint_is_told_in_aws_words(operation, members, message):
    error = refusal(operation, **members)
    assert (error.code, error.status) == ("ValidationException", 400)
    assert error.message == message


def test_a_map_is_checked_by_key_and_value():
    message = refusal(
        "CreateModel",
        ModelName="m",
        PrimaryContainer={"Environment": {"1x": "v", "y": "v" * 1025}},
    ).message
    assert (
        "Map keys must satisfy constraint: [Member must have length less than or equal" in message
    )
    assert (
        "Map value must satisfy constraint: [Member must have length less than or equal" in message
    )


def test_a_member_that_the_model_does_not_know_is_never_ignored():
    assert "Unknown member at 'Shiny'" in refusal("ListModels", Shiny=1).message


@pytest.mark.parametrize(
    "members",
    [
        {"ModelName": 1},
        {"ModelName": {"a": 1}},
        {"ModelName": ["a"]},
        {"ModelName": True},
        {"ModelName": "\ud800"},
        {"ModelName": "m", "Containers": {}},
        {"ModelName": "m", "Containers": ["c"]},
        {"ModelName": "m", "VpcConfig": 3},
        {"ModelName": "m", "EnableNetworkIsolation": "true"},
    ],
)
def test_a_wrong_json_type_is_a_serialization_exception(members):
    assert refusal("CreateModel", **members).code == "SerializationException"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"x": NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(body):
    with pytest.raises(ServiceError, match="SerializationException"):
        parse(body)


def test_null_means_absent_and_a_number_is_a_time():
    request = validate(
        MODEL.operation_model("ListModels"), {"NameContains": None, "CreationTimeAfter": 1.5}
    )
    assert request == {"CreationTimeAfter": datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)}


def test_a_sensitive_value_is_not_repeated():
    shapes = {"Secret": {"type": "string", "max": 1, "sensitive": True}}
    shape = ShapeResolver(shapes).get_shape_by_name("Secret")
    assert "hunter2" not in " ".join(violations(shape, "hunter2", "secret"))


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", "Größe, 日本 é 👍 €5–7!", True),
        (r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", "a\tb", False),
        (r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*", "a\x85b", False),
        (r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,128}", "größe_1", True),
        (r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,128}", "a,b", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", "a👍", True),
        (r"[\w-_]*", "a-b_c", True),
        (r"\w+", "é", False),  # Java's \w is ASCII's
        (r"[a-z]+", "abc\n", False),
    ],
)
def test_javas_patterns_match_as_in_java(pattern, value, expected):
    assert matches(pattern, value) is expected


@pytest.mark.parametrize("service", ["sagemaker", "iam", "logs", "events", "s3", "lambda"])
def test_every_pattern_of_a_model_compiles(service):
    model: ServiceModel = service_model(service)
    for name in model.shape_names:
        if pattern := model.shape_for(name).metadata.get("pattern"):
            matches(pattern, "a")


TEXT = st.text("aZ09 -_/:.\n\x00é日👍\ud800", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = st.sampled_from(["CreateModel", "CreateModelPackage", "CreateTrainingJob", "AddTags"])


@given(OPERATIONS, st.data())
def test_any_json_is_either_taken_or_refused(operation, data):
    shape = MODEL.operation_model(operation).input_shape
    names = st.sampled_from(sorted(shape.members))
    members = data.draw(st.dictionaries(names, JSON, max_size=4))
    with suppress(WrongType):
        list(violations(shape, convert(shape, members)))


@given(st.text("aé👍", max_size=12))
def test_a_length_limit_is_exact(text):
    shape = ShapeResolver({"S": {"type": "string", "min": 3, "max": 7}}).get_shape_by_name("S")
    assert (not list(violations(shape, text))) == (3 <= len(text) <= 7)
