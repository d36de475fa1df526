"""Data capture from an answered request to the object in S3, and when there is no way to it."""

import json
import logging
import shutil
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from slipway.cloud.hosting import capture, capture_spool
from slipway.hosting.exchange import Invocation, Reply

OPTIONS = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://captured/in/here",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
}


@dataclass
class Endpoint:
    """An endpoint as capturing sees it."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, Any]:
        return {"DataCaptureConfig": OPTIONS | self.options}


@pytest.fixture
def bucket(shared):
    """A cloud with a bucket in which nothing was captured yet."""
    shared.client("s3").create_bucket(Bucket="captured")
    yield shared.cloud
    capture.stop(shared.cloud)
    for each in list(shared.cloud.objects.list("captured", "")):
        shared.cloud.objects.delete("captured", each.key)


def ask(cloud, endpoint, number, status=200, variant="AllTraffic"):
    invocation = Invocation(str(number).encode(), {"Content-Type": "text/csv"})
    reply = Reply(status, {"content-type": "text/csv"}, b"ok", "primary", 0.01)
    capture.offer(cloud, endpoint, variant, invocation, reply, "", "")


def lines(cloud, prefix="in/here/"):
    found = list(cloud.objects.list("captured", prefix))
    return [json.loads(line) for each in found for line in each.path.open()]


def asked(records):
    return [int(each["captureData"]["endpointInput"]["data"]) for each in records]


def test_ten_thousand_requests_of_many_threads_are_as_many_lines(bucket):
    endpoint = Endpoint("ep")

    def some(start: int) -> None:
        for number in range(start, start + 625):
            ask(bucket, endpoint, number)

    threads = [threading.Thread(target=some, args=(n * 625,)) for n in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    capture.flush(bucket, "ep")
    records = lines(bucket, "in/here/ep/AllTraffic/")
    assert sorted(asked(records)) == list(range(10_000))
    assert len({each["eventMetadata"]["eventId"] for each in records}) == 10_000
    assert len(list(bucket.objects.list("captured", ""))) <= 2  # two, where the hour ends meanwhile


def test_only_what_the_configuration_wants_is_captured(bucket):
    off, none = Endpoint("off", {"EnableCapture": False}), Endpoint("none")
    none.options["InitialSamplingPercentage"] = 0
    half = Endpoint("half", {"InitialSamplingPercentage": 50})
    for number in range(400):
        for each in (off, none, half):
            ask(bucket, each, number)
    for status in (0, 400, 500):
        ask(bucket, Endpoint("bad"), 1, status)
    ask(bucket, Endpoint("bad"), 2, 204, variant="Shadow")
    capture.stop(bucket)
    assert 120 < len(lines(bucket, "in/here/half/")) < 280  # 8 standard deviations
    assert asked(lines(bucket, "in/here/bad/Shadow/")) == [2]
    assert len(lines(bucket)) == len(lines(bucket, "in/here/half/")) + 1


def test_lines_go_to_s3_by_themselves_also_when_requests_never_end(bucket, monkeypatch):
    monkeypatch.setattr(capture_spool, "AGE", 0.2)
    over = threading.Event()

    def load() -> None:
        while not over.is_set():
            for number in range(50):
                ask(bucket, Endpoint("ep"), number)
            time.sleep(0.001)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        end = time.monotonic() + 20
        while not list(bucket.objects.list("captured", "in/here/ep/")):
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        over.set()
        thread.join()


def test_what_a_killed_cloud_left_is_put_into_s3_without_a_torn_line(bucket):
    where = capture.folder(bucket)
    spool = capture_spool.Spool(where, "s3://captured/in/here/ep/AllTraffic", 0.0)
    spool.append(b'{"whole": 1}\n')
    spool.append(b'{"torn": ')
    spool.close()
    capture.take_up(bucket)
    assert lines(bucket) == [{"whole": 1}]
    assert not list(where.iterdir())


@pytest.mark.parametrize("trouble", ["bucket", "disk"])
def test_what_cannot_be_kept_is_told_once_and_fails_no_request(bucket, caplog, trouble):
    endpoint = Endpoint("ep")
    if trouble == "bucket":
        endpoint.options["DestinationS3Uri"] = "s3://nowhere/x"
    else:
        shutil.rmtree(capture.folder(bucket), ignore_errors=True)
        capture.folder(bucket).write_text("no folder can be here")
    with caplog.at_level(logging.ERROR):
        for number in range(50):
            ask(bucket, endpoint, number)
        capture.flush(bucket, "ep")
        capture.stop(bucket)
    told = [each.message for each in caplog.records if "were not captured" in each.message]
    assert len(told) == 1
    assert told[0].startswith("50 answered requests were not captured: ")
    if trouble == "disk":
        capture.folder(bucket).unlink()
