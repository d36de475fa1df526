"""Functions run for real: what they are given, what they say, and how they fail."""

import json

import pytest
from botocore.exceptions import ClientError

from functions import invoked, made, zipped
from slipway.jobs.sandbox import SOURCES

ECHO = """
    import os, sys

    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        print("called", event)
        return {
            "event": event,
            "calls": calls,
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "path": sys.path[:5],
            "context": {
                "arn": context.invoked_function_arn,
                "name": context.function_name,
                "version": context.function_version,
                "memory": context.memory_limit_in_mb,
                "left": context.get_remaining_time_in_millis(),
                "request": context.aws_request_id,
            },
        }
"""


@pytest.fixture(scope="module")
def echo(cloud):
    return made(cloud, "invoke-echo", ECHO, Environment={"Variables": {"COLOR": "blue"}})


def test_a_function_gets_its_event_context_and_environment(cloud, echo):
    said, error, log = invoked(cloud, "invoke-echo", {"a": [1]})
    assert error is None
    assert said["event"] == {"a": [1]}
    assert said["context"]["arn"] == echo
    assert said["context"]["name"] == "invoke-echo"
    assert said["context"]["version"] == "$LATEST"
    assert 1000 < said["context"]["left"] <= 3000
    found = said["environment"]
    assert found["COLOR"] == "blue"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == "invoke-echo"
    assert found["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert found["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert "SLIPWAY_HOME" not in found
    assert found["LAMBDA_TASK_ROOT"] == "/var/task" == said["path"][0]
    request = said["context"]["request"]
    lines = log.splitlines()
    assert f"START RequestId: {request} Version: $LATEST" in lines
    assert "called {'a': [1]}" in lines
    assert f"END RequestId: {request}" in lines
    assert lines[-1].startswith(f"REPORT RequestId: {request}\tDuration: ")


def test_an_environment_is_kept_until_the_function_is_changed(cloud, echo):
    first, second = (invoked(cloud, "invoke-echo")[0] for _ in range(2))
    assert second["calls"] == first["calls"] + 1
    client = cloud.client("lambda")
    client.update_function_configuration(FunctionName="invoke-echo", MemorySize=256)
    third, _, log = invoked(cloud, "invoke-echo")
    assert (third["calls"], third["context"]["memory"]) == (1, "256")
    assert "Init Duration" in log


def test_the_log_is_in_cloudwatch_logs_and_the_group_on_the_ground(cloud, echo):
    said, _, _ = invoked(cloud, "invoke-echo", "for the log")
    logs, group = cloud.client("logs"), "/aws/lambda/invoke-echo"
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 7 and found["storedBytes"] > 0
    pages = logs.filter_log_events(logGroupName=group, filterPattern='"for the log"')
    assert [event["message"] for event in pages["events"]] == ["called for the log"]
    stream = said["environment"]["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert pages["events"][0]["logStreamName"] == stream
    assert "/[$LATEST]" in stream


FAILS = """
    import os, signal, sys, time

    def handler(event, context):
        if event == "raise":
            raise ValueError("bad " + event)
        if event == "exit":
            sys.exit(3)
        if event == "quit":
            os._exit(0)
        if event == "signal":
            os.kill(os.getpid(), signal.SIGSEGV)
        if event == "set":
            return {1, 2}
        if event == "large":
            return "x" * 6_400_000
        time.sleep(30)
"""


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        ("raise", "ValueError", "bad raise"),
        ("exit", "Runtime.ExitError", "RequestId: {} Error: Runtime exited with error: exit status 3"),
        ("quit", "Runtime.ExitError", "RequestId: {} Error: Runtime exited without providing a reason"),
        ("signal", "Runtime.ExitError",
         "RequestId: {} Error: Runtime exited with error: signal: segmentation fault"),
        ("set", "Runtime.MarshalError",
         "Unable to marshal response: Object of type set is not JSON serializable"),
        ("large", "Function.ResponseSizeTooLarge",
         "Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
        ("sleep", "Sandbox.Timedout", "RequestId: {} Error: Task timed out after 1.00 seconds"),
    ],
)  # fmt: skip
def test_a_function_that_fails_says_so_as_on_aws(cloud, event, kind, text):
    if event == "raise":
        made(cloud, "invoke-fails", FAILS, Timeout=1)
    said, error, log = invoked(cloud, "invoke-fails", event)
    request = log.partition("START RequestId: ")[2].partition(" ")[0]
    assert (error, said["errorType"]) == ("Unhandled", kind)
    assert said["errorMessage"] == text.format(request)
    assert "REPORT RequestId: " in log
    if event == "raise":
        assert said["stackTrace"] == [
            '  File "/var/task/main.py", line 6, in handler\n    raise ValueError("bad " + event)\n'
        ]
        assert "[ERROR] ValueError: bad raise" in log
    if event == "sleep":
        assert "Task timed out after 1.00 seconds" in log and "Status: timeout" in log
        assert invoked(cloud, "invoke-fails", "raise")[0]["errorType"] == "ValueError"


@pytest.mark.parametrize(
    ("handler", "kind", "text"),
    [
        ("nowhere.handler", "Runtime.ImportModuleError",
         "Unable to import module 'nowhere': No module named 'nowhere'"),
        ("main.absent", "Runtime.HandlerNotFound", "Handler 'absent' missing on module 'main'"),
        ("wrong.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'wrong': "),
        ("main", "Runtime.MalformedHandlerName",
         "Bad handler 'main': not enough values to unpack (expected 2, got 1)"),
    ],
)  # fmt: skip
def test_a_handler_that_cannot_be_had_is_named(cloud, handler, kind, text):
    name = "invoke-" + handler.replace(".", "-")
    made(cloud, name, "", Handler=handler, Code={"ZipFile": zipped(main="", wrong="def f(:")})
    said, error, _ = invoked(cloud, name)
    assert (error, said["errorType"]) == ("Unhandled", kind)
    assert said["errorMessage"].startswith(text)


SDK = """
    import boto3

    def handler(event, context):
        arn = boto3.client("sts").get_caller_identity()["Arn"]
        boto3.client("s3").put_object(Bucket=event, Key="k", Body=b"from a function")
        return arn
"""


def test_a_function_calls_the_cloud_as_its_role(cloud):
    cloud.client("s3").create_bucket(Bucket="invoke-bucket")
    made(cloud, "invoke-sdk", SDK, Timeout=30)
    said, error, _ = invoked(cloud, "invoke-sdk", "invoke-bucket")
    assert error is None, said
    assert said == "arn:aws:sts::123456789012:assumed-role/lambda-tests/invoke-sdk"
    found = cloud.client("s3").get_object(Bucket="invoke-bucket", Key="k")
    assert found["Body"].read() == b"from a function"


SHUT = """
    import importlib.util, os, pathlib

    def handler(event, context):
        pathlib.Path("/tmp/mine").write_text("x")
        try:
            pathlib.Path("/var/task/new").write_text("x")
            wrote = True
        except OSError:
            wrote = False
        return {
            "tmp": os.listdir("/tmp"),
            "wrote": wrote,
            "found": [n for n in ("slipway", "moto", "cheroot") if importlib.util.find_spec(n)],
            "processes": len([p for p in os.listdir("/proc") if p.isdigit()]),
        }
"""


def test_a_function_is_alone_with_its_files(cloud):
    if SOURCES.is_relative_to("/tmp"):
        pytest.skip("this repository lies in /tmp itself")
    made(cloud, "invoke-shut", SHUT)
    said, _, _ = invoked(cloud, "invoke-shut")
    assert said == {"tmp": ["mine"], "wrote": False, "found": [], "processes": 2}


def test_logs_in_json(cloud):
    code = """
        import logging

        def handler(event, context):
            logging.getLogger("mine").info("hello %s", event)
    """
    made(cloud, "invoke-json", code, LoggingConfig={"LogFormat": "JSON", "LogGroup": "invoke/json"})
    _, _, log = invoked(cloud, "invoke-json", "you")
    lines = [json.loads(line) for line in log.splitlines()]
    kinds = [line.get("type", line.get("message")) for line in lines[1:]]
    assert kinds == ["platform.start", "hello you", "platform.report"]
    assert lines[2]["level"] == "INFO" and lines[2]["logger"] == "mine"
    found = cloud.client("logs").filter_log_events(logGroupName="invoke/json")["events"]
    assert len(found) == 4


def test_a_runtime_that_is_not_here_is_named(cloud):
    made(cloud, "invoke-node", "", Runtime="nodejs22.x", Handler="index.handler")
    said, error, _ = invoked(cloud, "invoke-node")
    assert error == "Unhandled"
    assert "invoke-node has the runtime nodejs22.x" in said["errorMessage"]


def test_payloads_that_are_refused(cloud, echo):
    client = cloud.client("lambda")
    with pytest.raises(ClientError) as refused:
        client.invoke(FunctionName="invoke-echo", Payload=b"{")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    for kind, size in (("RequestResponse", 6_291_456), ("Event", 1_048_576)):
        with pytest.raises(ClientError) as refused:
            client.invoke(
                FunctionName="invoke-echo", InvocationType=kind, Payload=json.dumps("x" * size)
            )
        assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
    answer = client.invoke(FunctionName="invoke-echo", InvocationType="DryRun")
    assert answer["StatusCode"] == 204


def test_reserved_concurrency_is_kept(cloud, echo):
    client = cloud.client("lambda")
    client.put_function_concurrency(FunctionName="invoke-echo", ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName="invoke-echo")
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    client.delete_function_concurrency(FunctionName="invoke-echo")
    assert invoked(cloud, "invoke-echo")[1] is None


def test_layers_are_in_opt(cloud):
    client = cloud.client("lambda")
    layers = [
        client.publish_layer_version(LayerName=f"invoke-{n}", Content={"ZipFile": zipped(**files)})
        for n, files in enumerate(
            ({"python__one": "said = 1", "python__both": "said = 1"}, {"python__both": "said = 2"})
        )
    ]
    code = """
        import both, one

        def handler(event, context):
            return [one.said, both.said, both.__file__]
    """
    made(cloud, "invoke-layers", code, Layers=[layer["LayerVersionArn"] for layer in layers])
    assert invoked(cloud, "invoke-layers")[0] == [1, 2, "/opt/python/both.py"]
