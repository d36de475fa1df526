import itertools

import pytest

NAMES = itertools.count()


@pytest.fixture(scope="session")
def s3(cloud):
    return cloud.client("s3")


@pytest.fixture
def bucket(s3):
    name = f"bucket-{next(NAMES)}"
    s3.create_bucket(Bucket=name)
    return name
