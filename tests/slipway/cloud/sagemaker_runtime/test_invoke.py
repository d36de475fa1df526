"""InvokeEndpoint: what the model sees, what the caller sees, and AWS's words when it goes wrong."""

import json
import threading
import time
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from serving import Fleet, Instance, said, served, variant
from slipway.cloud.hosting.on_demand import StartFailed, Throttled
from slipway.cloud.hosting.traffic import Routing, Share, Variant
from slipway.cloud.sagemaker_runtime import asking, invoke, settings
from slipway.hosting.exchange import Gone, NotMultiModel, NotReady, Refused

GROUP = "/aws/sagemaker/Endpoints"


@pytest.fixture
def limits(monkeypatch):
    """Return a function that sets limits of invocations for a test."""

    def set_to(**values):
        made = replace(settings.Settings(), **values)
        for module in (asking, invoke):
            monkeypatch.setattr(module, "settings", lambda: made)

    return set_to


def refused(runtime, live, body=b"x", **members):
    """Return the error of a refused invocation: its code, message, status and whole answer."""
    with pytest.raises(ClientError) as caught:
        runtime.invoke_endpoint(EndpointName=getattr(live, "name", live), Body=body, **members)
    answer = caught.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status, answer


def test_the_model_sees_the_body_and_the_headers_that_aws_lists_and_no_other(runtime, endpoint):
    one, instance = served(lambda _: said())
    live = endpoint(one)
    runtime.meta.events.register(
        "before-call", lambda params, **_: params["headers"].update({"X-Other": "dropped"})
    )
    runtime.invoke_endpoint(
        EndpointName=live.name, Body=b"\x00raw\xff", ContentType="text/csv", Accept="a/b",
        CustomAttributes="trace=1", TargetModel="m.tar.gz", TargetVariant="AllTraffic",
        TargetContainerHostname="two", InferenceId="id 1", EnableExplanations="`true`",
        SessionId="NEW_SESSION", PrefixAwareId="p",
    )  # fmt: skip
    (asked,) = instance.asked
    assert asked.body == b"\x00raw\xff"
    assert (asked.target_model, asked.target_container) == ("m.tar.gz", "two")
    own = "X-Amzn-SageMaker-"
    assert asked.headers == {
        "Content-Type": "text/csv", "Accept": "a/b", own + "Custom-Attributes": "trace=1",
        own + "Target-Model": "m.tar.gz", own + "Target-Variant": "AllTraffic",
        own + "Target-Container-Hostname": "two", own + "Inference-Id": "id 1",
        own + "Enable-Explanations": "`true`", own + "Session-Id": "NEW_SESSION",
        own + "Prefix-Aware-Id": "p",
    }  # fmt: skip


def test_the_caller_sees_the_answer_and_the_headers_that_aws_lists_and_no_other(runtime, endpoint):
    session = "s-1; Expires=2026-11-21T12:00:00Z"
    own = {"x_amzn_sagemaker_custom_attributes": "seen", "x_amzn_sagemaker_new_session_id": session}
    live = endpoint(served(lambda _: said(b"\xffout", x_other="dropped", **own))[0])
    answer = runtime.invoke_endpoint(EndpointName=live.name, Body=b"x", InferenceId="mine")
    assert answer["Body"].read() == b"\xffout"
    assert answer["ContentType"] == "text/plain"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert (answer["CustomAttributes"], answer["NewSessionId"]) == ("seen", session)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert not {"x-other", "x-amzn-sagemaker-inference-id"} & headers.keys()


def test_no_custom_attributes_where_the_model_set_none(runtime, endpoint):
    live = endpoint(variant())
    answer = runtime.invoke_endpoint(EndpointName=live.name, Body=b"x", CustomAttributes="mine")
    assert "CustomAttributes" not in answer


def test_traffic_goes_by_weight_and_to_the_target_variant(runtime, endpoint):
    live = endpoint(variant("a", 1.0), variant("b", 0.0), variant("c", 3.0))

    def invoked(**target):
        answer = runtime.invoke_endpoint(EndpointName=live.name, Body=b"x", **target)
        return answer["InvokedProductionVariant"]

    went = [invoked() for _ in range(200)]
    assert went.count("b") == 0
    assert 20 < went.count("a") < 80
    assert invoked(TargetVariant="b") == "b"
    code, message, status, _ = refused(runtime, live, TargetVariant="d")
    assert (code, status) == ("ValidationError", 400)
    assert "no production variant d: expected one of a, b, c." in message


@pytest.mark.parametrize(
    ("status", "kind", "finer"),
    [(400, "client", "CLIENT_ERROR_FROM_MODEL"), (415, "client", "CLIENT_ERROR_FROM_MODEL"),
     (500, "server", "INTERNAL_FAILURE_FROM_MODEL"), (0, "server", "INTERNAL_FAILURE_FROM_MODEL")],
)  # fmt: skip
def test_what_the_model_refuses_is_a_model_error(runtime, endpoint, status, kind, finer):
    bodies = []  # as sent: botocore's model does not know all members
    runtime.meta.events.register(
        "before-parse.sagemaker-runtime",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    live = endpoint(served(lambda _: said(b'{"error": "no"}', status))[0])
    code, message, http, answer = refused(runtime, live)
    assert (code, http) == ("ModelError", 424)
    group = f"{GROUP}/{live.name}"
    assert message == (
        f'Received {kind} error ({status}) from primary with message "{{"error": "no"}}". See '
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:"
        f"group={group} in account 123456789012 for more information."
    )
    assert answer["OriginalStatusCode"] == status
    assert answer["OriginalMessage"] == '{"error": "no"}'
    assert answer["LogStreamArn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "ModelError"
    assert json.loads(bodies[0])["ErrorCode"] == finer


def test_a_long_model_error_keeps_the_end_of_its_sentence(runtime, endpoint):
    live = endpoint(served(lambda _: said(b"e" * 5000, 500))[0])
    _, message, _, answer = refused(runtime, live)
    assert len(message) == len(answer["OriginalMessage"]) == 2048
    assert message.endswith("for more information.")


def test_a_name_in_another_case_is_no_endpoint(runtime, endpoint):
    live = endpoint(variant())
    for name in (live.name.upper(), "nobody"):
        code, message, status, _ = refused(runtime, name)
        assert (code, status) == ("ValidationError", 400)
        assert message == f"Endpoint {name} of account 123456789012 not found."


def test_an_endpoint_that_is_not_in_service_says_so(shared, runtime):
    document = {"EndpointName": "Young", "EndpointStatus": "Creating"}
    shared.cloud.state.documents("us-east-1", "Endpoint").create("young", document)
    assert refused(runtime, "Young")[1] == (
        "Endpoint Young of account 123456789012 not found. Its status is Creating."
    )
    assert refused(runtime, "young")[1] == "Endpoint young of account 123456789012 not found."


def test_an_asynchronous_endpoint_is_not_called_at_once(runtime, endpoint):
    live = endpoint(variant(), AsyncInferenceConfig={"OutputConfig": {}})
    assert "InvokeEndpointAsync" in refused(runtime, live)[1]


def test_inference_components_are_named_where_there_are_some_and_only_there(runtime, endpoint):
    of_components = endpoint(Variant("AllTraffic", 1.0, (), {}))
    assert "header is required" in refused(runtime, of_components)[1]
    message = refused(runtime, endpoint(variant()), InferenceComponentName="one")[1]
    assert "header is not allowed" in message


def test_a_body_above_the_limit_is_refused(runtime, endpoint, limits):
    limits(payload=100.0, payload_serverless=10.0)
    live = endpoint(variant())
    runtime.invoke_endpoint(EndpointName=live.name, Body=b"x" * 100)
    code, message, status, answer = refused(runtime, live, b"x" * 101)
    assert (code, status) == ("ValidationError", 400)
    assert message == f"Request {answer['ResponseMetadata']['RequestId']} has oversize body."
    serverless = endpoint(variant(ServerlessConfig={}))
    runtime.invoke_endpoint(EndpointName=serverless.name, Body=b"x" * 10)
    assert "oversize" in refused(runtime, serverless, b"x" * 11)[1]


def raising(error):
    def answer(_):
        raise error

    return endpoint_of(answer)


def endpoint_of(answer):
    return served(answer)[0]


def test_a_model_that_still_loads_and_one_that_refuses(runtime, endpoint):
    code, message, status, _ = refused(
        runtime, endpoint(raising(NotReady())), TargetModel="big.tar.gz"
    )
    assert (code, status) == ("ModelNotReadyException", 429)
    assert "big.tar.gz" in message
    code, message, status, _ = refused(runtime, endpoint(raising(Refused("AWS's words."))))
    assert (code, message, status) == ("ValidationError", "AWS's words.", 400)
    live = endpoint(raising(NotMultiModel()))
    code, message, status, _ = refused(runtime, live, TargetModel="m.tar.gz")
    assert (code, status) == ("ValidationError", 400)
    words = "is not a multi-model endpoint and does not support target model header."
    assert message == f"Endpoint {live.name} {words}"


def test_an_instance_that_leaves_fails_no_request(runtime, endpoint):
    def leaving(_):
        fleet.instances = (Instance(),)
        raise Gone

    fleet = Fleet((Instance(leaving),))
    live = endpoint(variant(fleet=fleet))
    assert runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")["Body"].read() == b"ok"


def test_a_request_waits_for_an_instance_that_is_started_again(runtime, endpoint, limits):
    one, instance = served(lambda _: said())
    instance.ready = False
    live = endpoint(one)
    threading.Timer(0.1, setattr, (instance, "ready", True)).start()
    assert runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")["Body"].read() == b"ok"
    instance.ready = False
    limits(patience=0.05)
    code, message, status, _ = refused(runtime, live)
    assert (code, status) == ("ServiceUnavailable", 503)
    assert f"No instance of variant AllTraffic of endpoint {live.name}" in message


def test_a_request_that_waits_learns_that_its_endpoint_was_deleted(runtime, endpoint):
    one, instance = served(lambda _: said())
    instance.ready = False
    live = endpoint(one)
    threading.Timer(0.1, live.strike).start()
    began = time.monotonic()
    assert refused(runtime, live)[1].endswith("not found.")
    assert time.monotonic() - began < 10


def test_both_fleets_of_a_release_answer(runtime, endpoint):
    fleets = [Fleet((Instance(lambda _, body=body: said(body)),)) for body in (b"old", b"new")]
    both = Variant("AllTraffic", 1.0, (Share(fleets[0], 0.5), Share(fleets[1], 0.5)), {})
    live = endpoint(both)

    def bodies():
        return {
            runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")["Body"].read()
            for _ in range(40)
        }

    assert bodies() == {b"old", b"new"}
    live.swap(Routing((Variant("AllTraffic", 1.0, (Share(fleets[1], 1.0),), {}),)))
    assert bodies() == {b"new"}


class OnDemand:
    """A serverless variant's instance, or what keeps a request from having one."""

    def __init__(self, instance, setup=0.0, error=None):
        self.instance, self.setup, self.error = instance, setup, error

    def one(self):
        return self

    def __enter__(self):
        if self.error:
            raise self.error
        return self

    def __exit__(self, *_):
        return None


def test_a_serverless_variant_above_its_concurrency_throttles_with_no_message(runtime, endpoint):
    fleet = Fleet((), on_demand=OnDemand(None, error=Throttled()))
    code, message, status, _ = refused(runtime, endpoint(variant(fleet=fleet)))
    assert (code, message, status) == ("ThrottlingException", None, 400)


def test_a_serverless_instance_that_does_not_start_is_a_model_error(runtime, endpoint):
    fleet = Fleet((), on_demand=OnDemand(None, error=StartFailed("No memory.")))
    code, message, status, _ = refused(runtime, endpoint(variant(fleet=fleet)))
    assert (code, status) == ("ModelError", 424)
    assert 'server error (0) from primary with message "No memory."' in message
