"""Polls of queues: a long one holds nobody up, one that returns nothing leaves no trace."""

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
