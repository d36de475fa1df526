"""Services of the rest-json protocol: which operation a request means, and where its members are."""

import io
import json

import pytest

from conformance.asking import rest
from slipway.cloud import rest_json_form
from slipway.cloud.json_protocol import service_model
from slipway.cloud.rest_json_protocol import document, members_of, refuse
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Request


def found(service, method, path, query=""):
    return rest_json_form.find(service, Request(method, path, query, {}, io.BytesIO()))


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "meant"),
    [
        ("scheduler", "POST", "/schedules/nightly", "", ("CreateSchedule", {"Name": "nightly"})),
        ("scheduler", "PUT", "/schedules/nightly", "", ("UpdateSchedule", {"Name": "nightly"})),
        ("scheduler", "GET", "/schedules", "MaxResults=5", ("ListSchedules", {})),
        ("scheduler", "GET", "/nothing", "", ("", {})),
        ("lambda", "GET", "/2018-10-31/layers", "", ("ListLayers", {})),
        ("lambda", "GET", "/2018-10-31/layers", "find=LayerVersion&Arn=a",
         ("GetLayerVersionByArn", {})),
        ("lambda", "GET", "/2015-03-31/functions/", "", ("ListFunctions", {})),
        ("lambda", "GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aa", "",
         ("GetFunction", {"FunctionName": "arn:aws:lambda:a"})),
        ("s3tables", "GET", "/buckets/a%2Fb", "", ("GetTableBucket", {"tableBucketARN": "a/b"})),
    ],
)  # fmt: skip
def test_method_path_and_query_mean_an_operation(service, method, path, query, meant):
    assert found(service, method, path, query) == meant


@pytest.mark.parametrize(
    ("service", "name", "members"),
    [
        ("scheduler", "ListSchedules", {"MaxResults": 5, "NamePrefix": "a b&c"}),
        ("scheduler", "UntagResource", {"ResourceArn": "arn:a/b", "TagKeys": ["a", "b"]}),
        ("scheduler", "CreateSchedule", {"Name": "n", "StartDate": 1700000000,
                                         "Target": {"Arn": "a", "RoleArn": "r"}}),
        ("lambda", "UpdateFunctionCode", {"FunctionName": "f", "ZipFile": b"\0zip", "DryRun": True}),
        ("lambda", "GetDurableExecution", {"DurableExecutionArn": "d", "IncludeExecutionData": False}),
        ("bedrock-agent", "TagResource", {"resourceArn": "a", "tags": {"k": "v"}}),
        ("mq", "CreateUser", {"BrokerId": "b", "Username": "u", "ConsoleAccess": True}),
    ],
)  # fmt: skip
def test_what_a_client_sends_arrives(service, name, members):
    model = service_model(service).operation_model(name)
    request = rest(model, members)
    _, in_path = rest_json_form.find(service, request)
    assert members_of(rest_json_form.form(model), request, in_path) == members


def test_a_text_that_is_no_number_is_refused():
    of = rest_json_form.forms("scheduler")["ListSchedules"]
    request = Request("GET", "/schedules", "MaxResults=many", {}, io.BytesIO())
    with pytest.raises(ServiceError, match="'MaxResults': 'many' is not an integer"):
        members_of(of, request, {})


def test_an_answers_members_have_their_names_on_the_wire():
    of = rest_json_form.forms("mq")["DescribeUser"]
    assert document(of, {"Username": "u", "ConsoleAccess": True}) == {
        "username": "u",
        "consoleAccess": True,
    }


@pytest.mark.parametrize(
    ("name", "code", "spelled"),
    [
        ("Invoke", "TooManyRequestsException", "message"),
        ("Invoke", "ResourceNotFoundException", "Message"),
    ],
)
def test_the_message_of_a_refusal_has_its_shapes_spelling(name, code, spelled):
    of = rest_json_form.forms("lambda")[name]
    (body,) = refuse(ServiceError(code, "no"), "r", of).body
    assert json.loads(body) == {spelled: "no"}
