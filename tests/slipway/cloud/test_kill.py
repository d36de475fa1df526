"""Killed at any moment: what was answered is there, and nothing is torn."""

import hashlib
import random
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

GONE = (BotoCoreError, HTTPClientError)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_a_random_moment(own_cloud, seed):
    dice = random.Random(seed)
    own_cloud.client("s3").create_bucket(Bucket="bucket")
    answered: dict[str, str] = {}  # what the clients were told: key → MD5 of its last body
    trying: dict[str, set[str]] = {}  # and what may be there besides, since it was asked for
    users: list[str] = []

    def put(writer: int) -> None:
        s3, own = own_cloud.client("s3"), random.Random(f"{seed}/{writer}")
        for number in range(10_000):
            key = f"{writer}/{number % 7}"
            body = own.randbytes(own.choice([10, 10_000, 400_000]))
            digest = hashlib.md5(body).hexdigest()
            trying[key] = {digest}
            try:
                s3.put_object(Bucket="bucket", Key=key, Body=body)
            except GONE:
                return
            answered[key] = digest

    def create() -> None:
        iam = own_cloud.client("iam")
        for number in range(10_000):
            try:
                iam.create_user(UserName=f"user-{number}")
            except GONE:
                return
            users.append(f"user-{number}")

    threads = [threading.Thread(target=put, args=(writer,)) for writer in range(2)]
    threads.append(threading.Thread(target=create))
    for thread in threads:
        thread.start()
    while not (users and answered):
        time.sleep(0.01)
    time.sleep(dice.uniform(0.05, 0.6))
    own_cloud.kill()
    for thread in threads:
        thread.join()
    own_cloud.start()
    s3 = own_cloud.client("s3")
    for key, digest in answered.items():
        got = s3.get_object(Bucket="bucket", Key=key)
        found = hashlib.md5(got["Body"].read()).hexdigest()
        assert got["ETag"] == f'"{found}"'
        assert found in {digest} | trying[key]
    there = [user["UserName"] for user in own_cloud.client("iam").list_users()["Users"]]
    assert set(users) <= set(there)
    assert len(there) <= len(users) + 1  # at most the one that was under way
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        own_cloud.client("iam").create_user(UserName=users[-1])
