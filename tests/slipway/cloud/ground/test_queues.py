"""A long poll on an empty queue answers, and holds nobody up."""


def test_a_long_poll_of_an_empty_queue_ends(cloud):
    sqs = cloud.client("sqs", read_timeout=20)
    url = sqs.create_queue(QueueName="empty")["QueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    sqs.send_message(QueueUrl=url, MessageBody="here")
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert message["Body"] == "here"
