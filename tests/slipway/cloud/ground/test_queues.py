"""Polls of queues: a long one holds nobody up, one that returns nothing leaves no trace."""

import json

import pytest
from botocore.exceptions import ClientError

from slipway.cloud import clock


def test_a_long_poll_of_an_empty_queue_ends(cloud):
    sqs = cloud.client("sqs", read_timeout=20)
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    sqs.send_message(QueueUrl=url, MessageBody="here")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "here"


def entries(shared):
    """Return how many requests are in the journal."""
    with shared.cloud.state.reading() as db:
        return db.execute("SELECT count(*) FROM journal").fetchone()[0]


def test_polls_that_return_nothing_are_not_recorded(shared):
    sqs = shared.client("sqs")
    url = sqs.create_queue(QueueName="polled")["QueueUrl"]
    before = entries(shared)
    for seconds in (0, 1, 20):
        assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=seconds)
    assert entries(shared) == before
    sqs.send_message(QueueUrl=url, MessageBody="here")
    assert "Messages" in sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)
    assert entries(shared) == before + 2
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert entries(shared) == before + 2


def test_a_poll_that_moves_a_message_to_the_dead_letters_is_recorded(shared):
    sqs = shared.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = (
        '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 1}'
    )
    url = sqs.create_queue(QueueName="alive", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert "Messages" in sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    before = entries(shared)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert entries(shared) == before + 1
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_the_ground_says_when_a_message_can_be_received(shared):
    sqs, ground = shared.client("sqs"), shared.cloud.ground
    heard = []
    ground.listen(lambda: heard.append(1))
    url = sqs.create_queue(QueueName="next")["QueueUrl"]

    def due():
        return ground.next_message("123456789012", "us-east-1", "next")

    def waits(seconds, request, **of):
        """Tell whether the next message comes so many seconds after a request."""
        before = clock.now()
        request(QueueUrl=url, **of)
        return before + seconds <= due() <= clock.now() + seconds

    assert due() is None
    assert waits(30, sqs.send_message, MessageBody="soon", DelaySeconds=30)
    assert len(heard) == 2
    sqs.send_message(QueueUrl=url, MessageBody="now")
    assert due() <= clock.now()
    assert waits(20, sqs.receive_message, VisibilityTimeout=20)


def test_dead_letters_go_back_to_the_queue_from_which_they_came(shared):
    sqs, arn = shared.client("sqs"), "arn:aws:sqs:us-east-1:123456789012"
    dead, other = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("letters", "other"))
    policy = json.dumps({"deadLetterTargetArn": f"{arn}:letters", "maxReceiveCount": 1})
    url = sqs.create_queue(QueueName="origin", Attributes={"RedrivePolicy": policy})["QueueUrl"]

    def received(url):
        asked = {"MessageSystemAttributeNames": ["All"], "VisibilityTimeout": 0}
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **asked).get(
            "Messages", []
        )

    sent = sqs.send_message(QueueUrl=url, MessageBody="poison")["MessageId"]
    assert received(url) and not received(url)
    sqs.start_message_move_task(SourceArn=f"{arn}:letters")
    (back,) = received(url)
    assert (back["Body"], back["MessageId"] != sent) == ("poison", True)
    assert back["Attributes"]["ApproximateReceiveCount"] == "1"
    assert not received(url)  # it was received too often once more
    sqs.start_message_move_task(SourceArn=f"{arn}:letters", DestinationArn=f"{arn}:other")
    assert [message["Body"] for message in received(other)] == ["poison"]
    assert not received(dead)

    sqs.send_message(QueueUrl=dead, MessageBody="of no queue")
    sqs.start_message_move_task(SourceArn=f"{arn}:letters")
    tasks = sqs.list_message_move_tasks(SourceArn=f"{arn}:letters", MaxResults=3)["Results"]
    said = [(task["Status"], task["ApproximateNumberOfMessagesMoved"]) for task in tasks]
    assert said == [("FAILED", 0), ("COMPLETED", 1), ("COMPLETED", 1)]
    assert tasks[0]["FailureReason"] == "CouldNotDetermineMessageSource"
    assert [message["Body"] for message in received(dead)] == ["of no queue"]
    for name, code in (("origin", "InvalidParameterValue"), ("none", "ResourceNotFoundException")):
        with pytest.raises(ClientError, match=code):
            sqs.start_message_move_task(SourceArn=f"{arn}:{name}")
