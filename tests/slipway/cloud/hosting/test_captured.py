"""The line of a captured request, against the record that AWS's page on data capture shows."""

import base64
import json

import pytest

from slipway.cloud.hosting.captured import Exchange, file_name, folder, line
from slipway.hosting.exchange import Invocation, Reply

NOON = 1644846349.0  # 2022-02-14T13:45:49Z
BOTH = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
TYPES = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
CONFIG = {"CaptureOptions": BOTH, "CaptureContentTypeHeader": TYPES}


def exchange(body=b"1,2\n", kind="text/csv", answer=b"0.9", **about) -> Exchange:
    headers = {"Content-Type": kind} if kind else {}
    reply = Reply(200, {"content-type": "text/csv; charset=utf-8"}, answer, "primary", 0.01)
    return Exchange(
        NOON, Invocation(body, headers), reply, about.get("inference", ""), about.get("custom", "")
    )


def captured(config=CONFIG, **about):
    written = line(exchange(**about), config, "e-1")
    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1
    return json.loads(written)


def test_the_record_is_the_one_of_awss_page():
    record = captured(inference="i-1", custom="trace=7")
    assert record == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "1,2\n",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "0.9",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {
            "eventId": "e-1",
            "customAttributes": ["trace=7"],
            "inferenceId": "i-1",
            "inferenceTime": "2022-02-14T13:45:49Z",
        },
        "eventVersion": "0",
    }
    assert list(record) == ["captureData", "eventMetadata", "eventVersion"]


def test_what_the_caller_did_not_send_is_absent():
    assert set(captured()["eventMetadata"]) == {"eventId", "inferenceTime"}


@pytest.mark.parametrize(
    ("kind", "body", "encoding"),
    [
        ("application/json", b'{"a": "\xc3\xa4"}', "JSON"),
        ("Application/JSON; charset=utf-8", b"{}", "JSON"),
        ("application/x-npy", b"\x93NUMPY", "BASE64"),
        ("text/csv", b"\xff\xfe", "BASE64"),  # said to be text, and is none
        (None, b"1,2", "BASE64"),
    ],
)
def test_data_is_always_a_text_in_the_encoding_of_its_type(kind, body, encoding):
    side = captured(kind=kind, body=body)["captureData"]["endpointInput"]
    assert (side["observedContentType"], side["encoding"]) == (kind, encoding)
    same = base64.b64decode(side["data"]) if encoding == "BASE64" else side["data"].encode()
    assert same == body


def test_without_lists_everything_is_base64():
    sides = captured({"CaptureOptions": BOTH})["captureData"].values()
    assert [side["encoding"] for side in sides] == ["BASE64", "BASE64"]


@pytest.mark.parametrize(
    ("modes", "sides"),
    [
        (["Input"], {"endpointInput"}),
        (["Output"], {"endpointOutput"}),
        (["InputAndOutput"], {"endpointInput", "endpointOutput"}),
    ],
)
def test_a_side_that_is_not_asked_for_is_absent(modes, sides):
    options = [{"CaptureMode": mode} for mode in modes]
    assert set(captured(CONFIG | {"CaptureOptions": options})["captureData"]) == sides


def test_the_path_is_by_hour_in_utc_and_the_name_by_the_millisecond():
    config = {"DestinationS3Uri": "s3://bucket/capture/"}
    found = f"{folder(config, 'Ep', 'AllTraffic', NOON)}/{file_name(NOON + 0.0431, 'u')}"
    assert found == "s3://bucket/capture/Ep/AllTraffic/2022/02/14/13/45-49-043-u.jsonl"
