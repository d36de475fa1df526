"""What it costs to have the ground back after a kill."""

import time

import pytest

from slipway.cloud.application import Application
from slipway.cloud.inside import client
from slipway.cloud.serving import assemble

pytestmark = pytest.mark.bench

ENTRIES = 500


def test_replay(tmp_path):
    """A journal of 500 requests: made the first time, and made again."""
    first = assemble(tmp_path, "http://localhost:1")
    assert Application(first)
    iam = client(first.ground, "iam", "us-east-1")
    iam.list_users()  # loads moto
    started = time.process_time()
    for number in range(ENTRIES):
        iam.create_user(UserName=f"user-{number}")
    live = time.process_time() - started
    again = assemble(tmp_path, "http://localhost:1")
    started = time.process_time()
    again.ground.warm()
    replayed = time.process_time() - started
    users = client(again.ground, "iam", "us-east-1").get_paginator("list_users").paginate()
    assert sum(len(page["Users"]) for page in users) == ENTRIES
    print(f"\n{ENTRIES} requests: made in {live:.2f} s of one CPU, made again in {replayed:.2f} s")
    assert (
        replayed < 2 * live + 3
    )  # and reading AWS's managed policies, which is not of the journal
