"""One asynchronous request: what is done twice and what is not, what is counted, where its answer goes."""

import time
from dataclasses import replace

import pytest

from serving import Fleet, Instance, said, variant
from slipway.cloud.sagemaker_runtime import accepted, backlog, working
from slipway.cloud.sagemaker_runtime.accepted import TTL, Accepted
from slipway.cloud.sagemaker_runtime.samples import waiting
from slipway.cloud.service import Call
from slipway.hosting.exchange import NotReady

OUTPUT = {"S3OutputPath": "s3://out/a/", "S3FailurePath": "s3://out/bad"}
CONFIG = {"OutputConfig": OUTPUT}
GOOD = "eA=="  # x


def asked(live, **members):
    request = {"EndpointName": live.name} | members
    made = accepted.accepted(
        request, live.config["AsyncInferenceConfig"], "number", GOOD, time.time()
    )
    return made


@pytest.fixture
def serving(shared, endpoint):
    """Return a call, an asynchronous endpoint and the instance behind it."""
    shared.client("s3").create_bucket(Bucket="out")
    instance = Instance(lambda _: said(b"done", content_length="4"))
    live = endpoint(variant(fleet=Fleet((instance,))), AsyncInferenceConfig=CONFIG)
    return Call(shared.cloud, "sagemaker-runtime", "", "us-east-1", ""), live, instance


def until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def work(call, live, of, again=False, stopped=False):
    working.work(call, live, of, again, lambda: stopped)


def body(call, uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return call.cloud.objects.get(bucket, key).path.read_bytes()


def test_what_has_its_output_is_not_asked_again(serving):
    call, live, instance = serving
    of = asked(live)
    work(call, live, of)
    assert (len(instance.asked), body(call, of.output)) == (1, b"done")
    work(call, live, of, again=True)
    assert len(instance.asked) == 1
    work(call, live, replace(of, number="another"), again=True)
    assert len(instance.asked) == 2


def test_what_a_stopping_cloud_breaks_off_has_not_failed(serving):
    call, live, instance = serving
    instance.answer = lambda _: said(b"gone", 0)
    with pytest.raises(working.Again):
        work(call, live, asked(live), stopped=True)


def test_what_cannot_be_done_now_is_done_later(serving):
    call, live, instance = serving
    tries = iter([NotReady(), None])

    def answer(_):
        if error := next(tries):
            raise error
        return said(b"late", content_length="4")

    instance.answer = answer
    of = asked(live, Filename="late")
    backlog.add(call, of)
    until(lambda: backlog.documents(call).get(of.number) is None)
    assert body(call, of.output) == b"late"


def test_what_waited_too_long_or_has_no_endpoint_left_fails(serving):
    call, live, instance = serving
    late = replace(asked(live, Filename="x"), received=time.time() - TTL)
    work(call, live, late)
    assert b"within its RequestTTLSeconds, 21600 s." in body(call, late.failure)
    orphan = asked(live, Filename="y")
    work(call, None, orphan)
    assert b"was deleted before the request was processed." in body(call, orphan.failure)
    assert instance.asked == []


def test_a_backlog_without_instances_is_told_by_its_metrics(serving):
    call, live, instance = serving
    instance.ready = False
    waits = backlog.of(call, live.name)
    backlog.add(call, replace(asked(live, Filename="w"), number="w", received=time.time() - 60))
    found = {name: value for name, (value, _) in waiting(waits, 0, time.time()).items()}
    assert 59 < found.pop("ApproximateAgeOfOldestRequest") < 70
    assert found == {
        "ApproximateBacklogSize": 1.0,
        "ApproximateBacklogSizePerInstance": 1.0,
        "HasBacklogWithoutCapacity": 1.0,
    }
    instance.ready = True
    until(lambda: waiting(waits, 1, time.time())["ApproximateBacklogSize"] == (0.0, "Count"))


def test_the_backlog_of_a_deleted_endpoint_fails(serving):
    call, live, instance = serving
    instance.ready = False
    numbers = [f"gone-{number}" for number in range(40)]
    for number in numbers:
        of = replace(asked(live, Filename=number), number=number)
        backlog.add(call, of)
    live.strike()
    until(lambda: not any(backlog.documents(call).get(number) for number in numbers))
    assert b"was deleted before" in body(call, of.failure)
    assert instance.asked == []


@pytest.mark.parametrize(
    ("request_", "output", "places"),
    [({}, OUTPUT, ("s3://out/a/id.out", "s3://out/bad/id-error.out")),
     ({"Filename": "r.csv"}, OUTPUT, ("s3://out/a/r.csv", "s3://out/bad/r.csv-error.out")),
     ({"S3OutputPathExtension": "/b/c/"}, OUTPUT,
      ("s3://out/a/b/c/id.out", "s3://out/bad/id-error.out")),
     ({}, {"S3OutputPath": "s3://out"}, ("s3://out/id.out", "")),
     ({}, {}, ("", ""))],
)  # fmt: skip
def test_where_the_answer_goes(request_, output, places):
    assert accepted.locations(request_, output, "id") == places


def test_an_inference_id_is_never_a_path():
    assert accepted.locations({}, OUTPUT, "../x y")[0] == "s3://out/a/..%2Fx%20y.out"


def test_a_request_survives_the_disk(serving):
    _, live, _ = serving
    of = asked(live, InferenceId="a", CustomAttributes="b", Accept="c")
    assert isinstance(of, Accepted)
    assert accepted.taken_up(of.document) == of
