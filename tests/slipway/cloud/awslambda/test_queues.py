"""Queues call functions: batches, windows, what comes again, what is put aside."""

import json
import time

import pytest

from functions import made

KEEPS = """
    import json, boto3

    def handler(event, context):
        bodies = [record["body"] for record in event["Records"]]
        said = {"bodies": bodies, "record": event["Records"][0]}
        key = context.aws_request_id
        boto3.client("s3").put_object(Bucket=context.function_name, Key=key, Body=json.dumps(said))
        failed = [r["messageId"] for r in event["Records"] if r["body"].startswith("bad")]
        if failed and context.function_name.endswith("part"):
            return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
        if failed:
            raise ValueError(failed)
"""


class Feed:
    """A queue, a function that keeps what it gets, and the mapping between them."""

    def __init__(self, cloud, name, queue=None, **mapping):
        self.cloud, self.name = cloud, name
        self.sqs, self.s3 = cloud.client("sqs"), cloud.client("s3")
        self.s3.create_bucket(Bucket=name)
        made(cloud, name, KEEPS, Timeout=10)
        fifo = ".fifo" if (queue or {}).get("FifoQueue") else ""
        attributes = {"VisibilityTimeout": "10"} | (queue or {})
        self.url = self.sqs.create_queue(QueueName=name + fifo, Attributes=attributes)["QueueUrl"]
        self.client = cloud.client("lambda")
        self.mapping = self.client.create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:us-east-1:123456789012:{name}{fifo}",
            FunctionName=name,
            **mapping,
        )["UUID"]

    def send(self, *bodies, **more):
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def batches(self, count=1, seconds=10):
        """Return what the function got, batch by batch, once there are so many."""
        until = time.monotonic() + seconds
        while True:
            found = self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])
            if len(found) >= count:
                break
            assert time.monotonic() < until, found
            time.sleep(0.02)
        said = [self.s3.get_object(Bucket=self.name, Key=o["Key"])["Body"].read() for o in found]
        return [json.loads(text) for text in said]

    def left(self):
        """Return how many messages the queue holds, once nothing is in work."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(map(int, asked["Attributes"].values()))

    def emptied(self, left=0):
        until = time.monotonic() + 10
        while self.left() != left:
            assert time.monotonic() < until, self.left()
            time.sleep(0.02)


def test_a_message_calls_the_function_and_is_deleted(cloud):
    feed = Feed(cloud, "queue-plain")
    feed.send("hello", MessageAttributes={"A": {"DataType": "String", "StringValue": "b"}})
    (batch,) = feed.batches()
    record = batch["record"]
    assert record["body"] == "hello"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:queue-plain"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["A"]["stringValue"] == "b"
    feed.emptied()
    began = time.monotonic()  # the environment is warm
    feed.send("again")
    feed.batches(2)
    waited = time.monotonic() - began
    found = feed.client.get_event_source_mapping(UUID=feed.mapping)
    assert (found["State"], found["LastProcessingResult"]) == ("Enabled", "OK")
    assert waited < 5, "a message waits for a poll"


def test_a_disabled_mapping_reads_nothing(cloud):
    feed = Feed(cloud, "queue-off", Enabled=False)
    feed.send("early")
    time.sleep(0.3)
    assert feed.left() == 1
    feed.client.update_event_source_mapping(UUID=feed.mapping, Enabled=True)
    assert feed.batches()[0]["bodies"] == ["early"]
    feed.client.delete_event_source_mapping(UUID=feed.mapping)
    with pytest.raises(feed.client.exceptions.ResourceNotFoundException):
        feed.client.get_event_source_mapping(UUID=feed.mapping)
    feed.emptied()
    feed.send("late")
    time.sleep(0.3)
    assert feed.left() == 1


def test_a_window_gathers_messages_into_one_batch(cloud):
    feed = Feed(cloud, "queue-window", BatchSize=100, MaximumBatchingWindowInSeconds=1)
    feed.send(*map(str, range(15)))
    (batch,) = feed.batches()
    assert sorted(batch["bodies"], key=int) == list(map(str, range(15)))
    feed.emptied()


def test_what_a_function_reports_comes_again_until_it_is_put_aside(cloud):
    dead = cloud.client("sqs").create_queue(QueueName="queue-aside")["QueueUrl"]
    redrive = {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:queue-aside",
        "maxReceiveCount": 2,
    }
    feed = Feed(
        cloud,
        "queue-part",
        queue={"RedrivePolicy": json.dumps(redrive)},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    feed.send("warm")
    feed.batches()
    feed.emptied()
    feed.sqs.set_queue_attributes(QueueUrl=feed.url, Attributes={"VisibilityTimeout": "2"})
    entries = [{"Id": body, "MessageBody": body} for body in ("good", "bad", "fine")]
    feed.sqs.send_message_batch(QueueUrl=feed.url, Entries=entries)
    bodies = [sorted(batch["bodies"]) for batch in feed.batches(3)]
    assert sorted(bodies) == [["bad"], ["bad", "fine", "good"], ["warm"]]
    until, found = time.monotonic() + 10, []
    while not found and time.monotonic() < until:
        found = feed.sqs.receive_message(QueueUrl=dead).get("Messages", [])
    assert [message["Body"] for message in found] == ["bad"]
    feed.emptied()


def test_a_batch_of_a_function_that_fails_stays_whole(cloud):
    feed = Feed(cloud, "queue-fails")
    feed.send("bad")
    feed.batches()
    until = time.monotonic() + 10
    while "failed" not in (
        said := feed.client.get_event_source_mapping(UUID=feed.mapping)["LastProcessingResult"]
    ):
        assert time.monotonic() < until, said
    assert feed.left() == 1


def test_messages_wait_for_a_place_of_their_function(cloud):
    feed = Feed(cloud, "queue-place", Enabled=False)
    reserve = feed.client.put_function_concurrency
    reserve(FunctionName="queue-place", ReservedConcurrentExecutions=0)
    feed.send("one")
    feed.client.update_event_source_mapping(UUID=feed.mapping, Enabled=True)
    time.sleep(0.3)
    feed.client.delete_function_concurrency(FunctionName="queue-place")
    feed.client.update_event_source_mapping(UUID=feed.mapping, Enabled=True)
    (batch,) = feed.batches()
    assert batch["record"]["attributes"]["ApproximateReceiveCount"] == "1"


def test_messages_of_a_group_come_in_their_order(cloud):
    queue = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    feed = Feed(cloud, "queue-order", queue=queue, BatchSize=2)
    for number in range(6):
        feed.send(f"{number}", MessageGroupId="a")
    feed.emptied()
    objects = feed.s3.list_objects_v2(Bucket=feed.name)["Contents"]
    assert len(objects) >= 3
    records = [batch["record"] for batch in feed.batches(len(objects))]
    records.sort(key=lambda record: int(record["attributes"]["ApproximateFirstReceiveTimestamp"]))
    firsts = [int(record["body"]) for record in records]
    assert firsts == sorted(firsts)


def test_messages_that_fit_no_filter_are_dropped(cloud):
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]}
    feed = Feed(cloud, "queue-filter", FilterCriteria=criteria)
    feed.send('{"kind": "other"}', "no json", '{"kind": "wanted"}')
    (batch,) = feed.batches()
    assert batch["bodies"] == ['{"kind": "wanted"}']
    feed.emptied()


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"},
         "reads events from SQS queues, not from arn:aws:kinesis"),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:queue-none"}, "NonExistentQueue"),
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern"),
    ],
)  # fmt: skip
def test_mappings_that_are_refused(cloud, request_, text):
    cloud.client("sqs").create_queue(QueueName="queue-refused")
    client = cloud.client("lambda")
    if not client.list_functions()["Functions"] or text.startswith("reads"):
        made(cloud, "queue-refused", KEEPS)
    base = {
        "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:queue-refused",
        "FunctionName": "queue-refused",
    }
    with pytest.raises(client.exceptions.InvalidParameterValueException, match=text):
        client.create_event_source_mapping(**base | request_)
