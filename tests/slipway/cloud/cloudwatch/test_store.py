"""The file of the metrics: nothing is lost, nothing counts twice, and it stays bounded."""

import random

import pytest

from slipway.cloud.cloudwatch.aggregate import of
from slipway.cloud.cloudwatch.series import Metric, Series
from slipway.cloud.cloudwatch.store import DAY, HOUR, Store

METRIC = Metric("us-east-1", "AWS/SageMaker", "ModelLatency", (("EndpointName", "e"),))
SERIES = Series(METRIC, "Microseconds")
NOW = 1_800_000_000


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "metrics.sqlite")
    yield made
    made.close()


def rows(store):
    return store._connection.execute("SELECT count(*) FROM points").fetchone()[0]


def test_points_of_one_second_come_together(store):
    store.write({(SERIES, NOW): of({1.0: 2.0})})
    store.write({(SERIES, NOW): of({5.0: 1.0}), (SERIES, NOW + 1): of({9.0: 1.0})})
    by_second = store.read(METRIC, NOW, NOW + 60, 1)["Microseconds"]
    assert by_second[NOW] == of({1.0: 2.0, 5.0: 1.0})
    assert by_second[NOW + 1].distribution == {9.0: 1.0}
    (by_minute,) = store.read(METRIC, NOW, NOW + 60, 60)["Microseconds"].values()
    assert (by_minute.count, by_minute.sum, by_minute.maximum) == (4, 16, 9)


def test_old_points_become_coarser_and_are_at_last_forgotten(store):
    dice, total = random.Random(7), 0
    for _ in range(40):
        times = {NOW - dice.randrange(400 * DAY) for _ in range(20)}
        store.write({(SERIES, time): of({1.0: 1.0}) for time in times})
        total += len(times)
    for now in (NOW, NOW, NOW + 3 * HOUR, NOW + 20 * DAY):
        store.age(now)
        found = store.read(METRIC, 0, NOW + 1, HOUR)["Microseconds"]
        assert sum(part.count for part in found.values()) == total
    store.write({(SERIES, NOW - 5): of({1.0: 1.0})})
    store.age(NOW + 30 * DAY)
    hours = {time // HOUR for time in store.read(METRIC, 0, NOW + 1, HOUR)["Microseconds"]}
    assert rows(store) <= len(hours) + 20  # those of the last 63 days are still finer
    store.age(NOW + 456 * DAY)
    assert rows(store) == 0
    assert store.metrics("us-east-1", 0) == []


def test_another_metric_region_or_dimension_is_another_series(store):
    others = [
        Metric("eu-west-1", METRIC.namespace, METRIC.name, METRIC.dimensions),
        Metric("us-east-1", METRIC.namespace, METRIC.name),
        Metric("us-east-1", METRIC.namespace, "Other", METRIC.dimensions),
    ]
    store.write({(Series(each, "None"), NOW): of({1.0: 1.0}) for each in others})
    assert store.read(METRIC, 0, NOW + 1, 60) == {}
    assert set(store.metrics("us-east-1", NOW)) == set(others[1:])
    assert store.metrics("us-east-1", NOW + 1) == []
