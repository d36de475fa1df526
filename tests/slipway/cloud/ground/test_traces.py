"""What messages leave in the journal: nothing once they are gone, all that is needed until then."""

import contextlib
import random

import pytest

from slipway.cloud.clock import CLOCK
from slipway.cloud.ground import Ground, moto
from slipway.cloud.ground.journal import Journal

REDRIVE = (
    '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead-%s", "maxReceiveCount": 2}'
)


def entries(cloud):
    """Return how many requests are in the journal."""
    with cloud.state.reading() as db:
        return db.execute("SELECT count(*) FROM journal").fetchone()[0]


def linked(cloud):
    """Return how much is known of messages."""
    with cloud.state.reading() as db:
        tables = ("journal_messages", "journal_gone")
        return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def state():
    """Return all that moto knows of the messages of all queues."""
    from moto.sqs.models import sqs_backends

    return {
        name: [
            [m.id, m.approximate_receive_count, m.visible_at, m.delayed_until, m.receipt_handle]
            for m in queue._messages
        ]
        for name, queue in sqs_backends["123456789012"]["us-east-1"].queues.items()
    }


def made_again(cloud):
    """Make the journal's requests again; return what moto knows then."""
    Ground(Journal(cloud.state), cloud.objects, cloud.outbox).warm()
    return state()


class Walk:
    """Random requests to a queue and its dead-letter queue, while time passes."""

    def __init__(self, local, name, seed, monkeypatch):
        self.sqs, self.dice, self.name = local.client("sqs"), random.Random(seed), name
        self.patch, self.known = monkeypatch, {}
        create = self.sqs.create_queue
        self.urls = [
            create(QueueName=f"dead-{name}")["QueueUrl"],
            create(
                QueueName=name,
                Attributes={"RedrivePolicy": REDRIVE % name, "VisibilityTimeout": "30"},
            )["QueueUrl"],
        ]

    def step(self):
        self.patch.setattr(CLOCK, "ahead", CLOCK.ahead + self.dice.choice([0, 0, 1, 20]))
        self.dice.choice([self.send, self.send_several, self.receive, self.receive, self.delete,
                          self.delete, self.change])()  # fmt: skip

    def send(self):
        delay = self.dice.choice([0, 0, 10])
        self.sqs.send_message(QueueUrl=self.urls[1], MessageBody="b", DelaySeconds=delay)

    def send_several(self):
        messages = [{"Id": str(n), "MessageBody": f"{n}"} for n in range(self.dice.randint(1, 4))]
        self.sqs.send_message_batch(QueueUrl=self.urls[1], Entries=messages)

    def receive(self):
        url = self.dice.choice(self.urls)
        most = self.dice.randint(1, 5)
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most)
        for message in answer.get("Messages", []):
            self.known[message["MessageId"]] = (url, message["ReceiptHandle"])

    def delete(self, most=3):
        for url in self.urls:
            handles = [m for m, (of, _) in self.known.items() if of == url][:most]
            if handles:
                listed = [{"Id": m, "ReceiptHandle": self.known.pop(m)[1]} for m in handles]
                self.sqs.delete_message_batch(QueueUrl=url, Entries=listed)

    def change(self):
        if self.known:
            url, handle = self.known[self.dice.choice(sorted(self.known))]
            # It may have gone to the dead letters
            with contextlib.suppress(self.sqs.exceptions.ReceiptHandleIsInvalid):
                self.sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=self.dice.choice([0, 60])
                )

    def end(self):
        """Receive and delete all that is left."""
        while any(state()[name] for name in (self.name, f"dead-{self.name}")):
            self.patch.setattr(CLOCK, "ahead", CLOCK.ahead + 100)
            for _ in range(4):
                self.receive()
            self.delete(most=10)


@pytest.mark.parametrize("seed", range(2))
def test_the_journal_makes_the_same_messages_again_and_forgets_those_that_are_gone(
    shared, monkeypatch, seed
):
    monkeypatch.setitem(moto.SETTINGS, "MOTO_IAM_LOAD_MANAGED_POLICIES", "false")  # a second each
    cloud = shared.cloud
    walk = Walk(shared, f"walk{seed}", seed, monkeypatch)
    before, most = (entries(cloud), linked(cloud)), 0
    for _ in range(120):
        walk.step()
        most = max(most, entries(cloud))
    assert most > before[0]
    live = state()
    assert made_again(cloud) == live
    walk.end()
    assert (entries(cloud), linked(cloud)) == before


def test_what_a_killed_cloud_had_no_time_to_note_is_noted_by_the_next(shared, monkeypatch):
    monkeypatch.setitem(moto.SETTINGS, "MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
    cloud = shared.cloud
    walk = Walk(shared, "killed", 9, monkeypatch)
    before = entries(cloud), linked(cloud)
    for _ in range(30):
        walk.step()
    with cloud.state.transaction() as db:
        for table in ("journal_messages", "journal_gone"):
            db.execute(f"DELETE FROM {table}")
    cloud.ground._moto = None
    cloud.ground.warm()
    walk.end()
    assert (entries(cloud), linked(cloud)) == before


def test_what_a_fifo_queue_has_seen_is_kept(shared):
    sqs, cloud = shared.client("sqs"), shared.cloud
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="walk.fifo", Attributes=attributes)["QueueUrl"]
    before = entries(cloud)
    sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert entries(cloud) == before + 3
