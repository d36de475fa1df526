"""What a function gets of a queue's messages, and what it may answer."""

import json

import pytest

from slipway.cloud.awslambda.sqs_events import BadAnswer, event, failed, patterns, wanted

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:q"
MESSAGES = [
    {"MessageId": name, "ReceiptHandle": "r", "Body": body, "MD5OfBody": "m"}
    for name, body in (("one", '{"a": 1}'), ("two", "text"))
]


def test_the_event_has_awss_names():
    (first, _) = event(MESSAGES, QUEUE)["Records"]
    assert first == {
        "messageId": "one",
        "receiptHandle": "r",
        "body": '{"a": 1}',
        "attributes": {},
        "messageAttributes": {},
        "md5OfBody": "m",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        "awsRegion": "eu-west-1",
    }


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "two"}]}, {"two"}),
    ],
)
def test_the_failed_messages_are_those_of_the_answer(answer, ids):
    assert failed(json.dumps(answer).encode(), MESSAGES) == ids


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        {"batchItemFailures": "one"},
        {"batchItemFailures": ["one"]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": "three"}]},
        {"batchItemFailures": [{"id": "one"}]},
    ],
)
def test_an_answer_that_says_something_else_fails_the_whole_batch(answer):
    with pytest.raises(BadAnswer):
        failed(json.dumps(answer).encode(), MESSAGES)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ({"body": {"a": [1]}}, ["one"]),
        ({"body": ["text"]}, ["two"]),
        ({"body": {"a": [{"numeric": [">", 1]}]}}, []),
        ({"messageId": [{"prefix": "t"}]}, ["two"]),
    ],
)
def test_filters_look_into_bodies(pattern, names):
    found = patterns({"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert [m["MessageId"] for m in MESSAGES if wanted(m, QUEUE, found)] == names
    assert all(wanted(message, QUEUE, []) for message in MESSAGES)
