"""Model servers without a cloud; see tests/support/hosting.py."""

import pytest

from hosting import Bed
from slipway.jobs import probe


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    return probe.find(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="module")
def bed(tmp_path_factory, sandbox):
    made = Bed(tmp_path_factory.mktemp("bed"), sandbox)
    yield made
    made.close()
