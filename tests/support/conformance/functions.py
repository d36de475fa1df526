"""Requests to Lambda that succeed, and where what was asked for shows."""

from conformance.asking import ask
from functions import zipped

ROLE = "arn:aws:iam::123456789012:role/execution"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ZIP = zipped(main="def handler(event, context):\n    return event\n")
FUNCTION = {
    "Role": ROLE,
    "Runtime": "python3.12",
    "Handler": "main.handler",
    "Code": {"ZipFile": ZIP},
}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:for-functions"
GRANT = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}


def named(**more):
    """Return how a request about the function that is there is made."""
    return lambda w: {"FunctionName": "f", **more}


def fresh(name, new, **more):
    """Return how a request about a function made for it is made, after another request about it."""

    def request(w):
        made = {"FunctionName": new("f")}
        w.functions("CreateFunction", FUNCTION | made)
        if name:
            w.functions(name, made | more)
        return made

    return request


def mapped(w, new):
    """Return the number of a mapping made for a request."""
    request = fresh("", new)(w) | {"EventSourceArn": QUEUE, "Enabled": False}
    return w.functions("CreateEventSourceMapping", request)["UUID"]


def examples(new):
    """Return requests that succeed, by service and operation."""
    found = {
        "CreateFunction": lambda w: {"FunctionName": new("f"), **FUNCTION},
        "UpdateFunctionCode": named(ZipFile=ZIP),
        "UpdateFunctionConfiguration": named(),
        "DeleteFunction": fresh("", new),
        "GetFunction": named(),
        "GetFunctionConfiguration": named(),
        "ListFunctions": lambda w: {},
        "PublishVersion": fresh("", new),
        "ListVersionsByFunction": named(),
        "CreateAlias": lambda w: {"FunctionName": "f", "Name": new("a"), "FunctionVersion": "1"},
        "UpdateAlias": named(Name="live"),
        "GetAlias": named(Name="live"),
        "ListAliases": named(),
        "DeleteAlias": named(Name="none"),
        "AddPermission": lambda w: {"FunctionName": "f", "StatementId": new("s"), **GRANT},
        "RemovePermission": lambda w: {
            **fresh("AddPermission", new, StatementId="s", **GRANT)(w),
            "StatementId": "s",
        },
        "GetPolicy": named(),
        "PutFunctionConcurrency": lambda w: {
            **fresh("", new)(w),
            "ReservedConcurrentExecutions": 1,
        },
        "GetFunctionConcurrency": named(),
        "DeleteFunctionConcurrency": named(),
        "CreateEventSourceMapping": lambda w: {
            **fresh("", new)(w),
            "EventSourceArn": QUEUE,
            "Enabled": False,
        },
        "GetEventSourceMapping": lambda w: {"UUID": w.mapping},
        "ListEventSourceMappings": lambda w: {},
        "UpdateEventSourceMapping": lambda w: {"UUID": w.mapping},
        "DeleteEventSourceMapping": lambda w: {"UUID": mapped(w, new)},
        "PutFunctionEventInvokeConfig": named(),
        "UpdateFunctionEventInvokeConfig": named(),
        "GetFunctionEventInvokeConfig": named(),
        "ListFunctionEventInvokeConfigs": named(),
        "DeleteFunctionEventInvokeConfig": fresh("PutFunctionEventInvokeConfig", new),
        "PublishLayerVersion": lambda w: {"LayerName": new("l"), "Content": {"ZipFile": ZIP}},
        "GetLayerVersion": lambda w: {"LayerName": "l", "VersionNumber": 1},
        "GetLayerVersionByArn": lambda w: {
            "Arn": "arn:aws:lambda:us-east-1:123456789012:layer:l:1"
        },
        "ListLayerVersions": lambda w: {"LayerName": "l"},
        "DeleteLayerVersion": lambda w: {"LayerName": "none", "VersionNumber": 1},
        "TagResource": lambda w: {"Resource": ARN + "f", "Tags": {"a": "b"}},
        "UntagResource": lambda w: {"Resource": ARN + "f", "TagKeys": ["none"]},
        "ListTags": lambda w: {"Resource": ARN + "f"},
        "Invoke": named(),
    }
    return {f"lambda.{name}": make for name, make in found.items()}


def described():
    """Return where what was asked for shows, by service and operation."""
    function = ("GetFunctionConfiguration", lambda r, a: {"FunctionName": r["FunctionName"]})
    events = ("GetFunctionEventInvokeConfig", lambda r, a: {"FunctionName": "f"})
    alias = ("GetAlias", lambda r, a: {"FunctionName": "f", "Name": r["Name"]})
    found = {
        "CreateFunction": function,
        "UpdateFunctionCode": function,
        "UpdateFunctionConfiguration": function,
        "PublishVersion": (
            "GetFunctionConfiguration",
            lambda r, a: {"FunctionName": a["FunctionArn"]},
        ),
        "PutFunctionEventInvokeConfig": events,
        "UpdateFunctionEventInvokeConfig": events,
        "CreateEventSourceMapping": ("GetEventSourceMapping", lambda r, a: {"UUID": a["UUID"]}),
        "UpdateEventSourceMapping": ("GetEventSourceMapping", lambda r, a: {"UUID": a["UUID"]}),
        "CreateAlias": alias,
        "UpdateAlias": alias,
        "PutFunctionConcurrency": (
            "GetFunctionConcurrency",
            lambda r, a: {"FunctionName": r["FunctionName"]},
        ),
        "PublishLayerVersion": (
            "GetLayerVersion",
            lambda r, a: {"LayerName": r["LayerName"], "VersionNumber": a["Version"]},
        ),
        "TagResource": ("ListTags", lambda r, a: {"Resource": r["Resource"]}),
    }
    return {f"lambda.{name}": where for name, where in found.items()}


def populate(w):
    """Make what the examples name."""
    w.functions("CreateFunction", {"FunctionName": "f", **FUNCTION})
    w.functions("PublishVersion", {"FunctionName": "f"})
    w.functions("CreateAlias", {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"})
    w.functions("AddPermission", {"FunctionName": "f", "StatementId": "s", **GRANT})
    assert ask(w.application, "sqs", "CreateQueue", {"QueueName": "for-functions"})[0] == 200
    request = {"FunctionName": "f", "EventSourceArn": QUEUE, "Enabled": False}
    w.mapping = w.functions("CreateEventSourceMapping", request)["UUID"]
    w.functions("PutFunctionEventInvokeConfig", {"FunctionName": "f"})
    w.functions("PublishLayerVersion", {"LayerName": "l", "Content": {"ZipFile": ZIP}})
