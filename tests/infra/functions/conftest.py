"""The way of a package, for the tests of the functions that lead it."""

import pytest

from delivering import Delivering
from infra.functions import hosting, registry


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Delivering:
    monkeypatch.setattr(registry, "myself", lambda: "slipway")
    monkeypatch.setattr(hosting, "MOMENT", 0.0)
    return Delivering()
