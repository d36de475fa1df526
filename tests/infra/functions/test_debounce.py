import json
import random
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.functions.debounce.handler import Debounce, Settings
from infra.functions.debounce.window import (
    Landed,
    Seal,
    Started,
    State,
    Wait,
    arrived,
    common_folder,
    due,
    from_document,
    to_document,
)
from platform_fakes import World

QUIET = 20.0
SETTINGS = Settings("reviews-training", "windows", "queue", "raw", "reviews/tsv/", QUIET)


def debounce(world: World) -> Any:
    return Debounce(SETTINGS, world, world, world, lambda: world.now).batch


def lands(world: World, key: str, bucket: str = "raw") -> None:
    time = datetime.fromtimestamp(world.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.put(event(key, bucket, time))


def event(key: str, bucket: str = "raw", time: str = "2026-11-21T12:00:00Z") -> dict[str, Any]:
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}
    return {"time": time, "detail-type": "Object Created", "detail": detail}


def drain(world: World, again: float = 0.0) -> None:
    function = debounce(world)
    while world.deliver(function, again=again):
        pass


def prefixes(world: World) -> list[str]:
    return [each["values"]["InputPrefix"] for each in world.executions.values()]


def test_one_file_starts_one_execution_once_it_is_quiet() -> None:
    world = World()
    lands(world, "reviews/tsv/2026/a.tsv.gz")
    drain(world)
    (execution,) = world.executions.values()
    assert execution["at"] == 1_000_000 + QUIET
    assert execution["values"]["InputData"] == "s3://raw/"
    assert execution["values"]["InputPrefix"] == "reviews/tsv/2026/"


def test_a_thousand_files_start_one_execution_of_their_common_folder() -> None:
    world = World()
    for number in range(1000):
        lands(world, f"reviews/tsv/2026/{number % 12}/{number}.tsv")
    drain(world, again=0.05)
    assert prefixes(world) == ["reviews/tsv/2026/"]
    assert not world.dead


def test_files_that_keep_coming_keep_the_window_open() -> None:
    world = World()
    function = debounce(world)
    for _ in range(5):
        lands(world, "reviews/tsv/a.tsv")
        world.deliver(function)
        world.now += QUIET * 0.9
    last = world.now - QUIET * 0.9
    drain(world)
    (execution,) = world.executions.values()
    assert last + QUIET <= execution["at"] <= last + QUIET + 1


def test_files_that_land_during_a_run_start_one_more_after_it() -> None:
    world = World(running=300)
    lands(world, "reviews/tsv/a/1.tsv")
    drain(world)
    for number in range(30):
        world.now += 1
        lands(world, f"reviews/tsv/b/{number}.tsv")
    drain(world)
    first, second = world.executions.values()
    assert second["at"] >= first["at"] + 300
    assert second["values"]["InputPrefix"] == "reviews/tsv/b/"
    assert first["values"]["InputRevision"] != second["values"]["InputRevision"]


def test_a_message_that_comes_again_after_its_execution_starts_none() -> None:
    world = World()
    lands(world, "reviews/tsv/a/1.tsv")
    (message,) = world.queue
    drain(world)
    world.now += 3600
    world.put(message["body"])
    drain(world)
    assert len(world.executions) == 1


def test_the_nightly_schedule_reads_everything() -> None:
    world = World()
    lands(world, "reviews/tsv/a/1.tsv")
    drain(world)
    world.now += 3600
    world.put({"schedule": "nightly"})
    drain(world)
    assert prefixes(world) == ["reviews/tsv/a/", "reviews/tsv/"]


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "[" * 100_000,
        json.dumps({"detail": {}}),
        json.dumps({"time": "?", "detail": None}),
        json.dumps(event("reviews/tsv/a.tsv", time="0001-01-01T00:00:00")),
        json.dumps(event("reviews/tsv/two\nlines/a.tsv")),
        json.dumps(event("reviews/tsv/\ud800/a.tsv")),
    ],
)
def test_a_poison_message_dies_alone(body: str) -> None:
    world = World()
    world.put(body)
    lands(world, "reviews/tsv/a.tsv")
    drain(world)
    assert [each["body"] for each in world.dead] == [body]
    assert prefixes(world) == ["reviews/tsv/"]


def test_what_lands_elsewhere_starts_nothing() -> None:
    world = World()
    lands(world, "reviews/predictions/a.tsv")
    lands(world, "reviews/tsv/a.tsv", bucket="artifacts")
    lands(world, "reviews/tsv/")  # the marker of a folder
    drain(world)
    assert not world.executions
    assert len(world.dead) == 2


def test_a_pipeline_that_cannot_be_started_loses_nothing() -> None:
    world = World()
    start, world.start_pipeline_execution = world.start_pipeline_execution, None  # type: ignore
    lands(world, "reviews/tsv/a/1.tsv")
    drain(world)
    assert len(world.dead) == 1  # its tick
    world.start_pipeline_execution = start  # type: ignore[method-assign]
    lands(world, "reviews/tsv/b/1.tsv")
    drain(world)
    assert prefixes(world) == ["reviews/tsv/a/", "reviews/tsv/b/"]
    assert all(each["alone"] for each in world.executions.values())


@pytest.mark.parametrize("seed", range(40))
def test_whoever_dies_each_file_is_read_and_no_two_executions_run_together(seed: int) -> None:
    world = World(mortality=0.08, overlap=0.3, seed=seed, most=1000, running=50)
    world.rival = debounce(world)
    function = debounce(world)
    files = []
    for number in range(40):
        world.now += world.chance.choice([0, 0, 3, 80])
        files.append((f"reviews/tsv/{number // 2}/{number % 2}/x.tsv", world.now))
        lands(world, files[-1][0])
        if world.chance.random() < 0.3:
            world.deliver(function, size=2, again=0.1)
    drain(world, again=0.1)
    for key, at in files:
        assert any(
            key.startswith(each["values"]["InputPrefix"]) and each["at"] > at
            for each in world.executions.values()
        ), key
    starts = sorted(each["at"] for each in world.executions.values())
    assert all(late - early >= 50 for early, late in pairwise(starts))


def test_a_tick_looks_only_when_it_is_the_latest_and_waits_for_quiet() -> None:
    state = arrived(State(), [Landed("reviews/tsv/a", 1.0)], 100.0, "first")
    assert due(state, "first", 110.0, QUIET) == Wait(10.0)  # a clock that goes ahead
    state = arrived(state, [Landed("reviews/tsv/b", 1.0)], 105.0, "second")
    assert due(state, "first", 200.0, QUIET) is None
    assert isinstance(due(state, "second", 125.0, QUIET), Seal)


@given(st.lists(st.text("ab/", max_size=8), min_size=1))
def test_the_common_folder_holds_all_and_none_is_longer(keys: list[str]) -> None:
    folders = [key[: key.rfind("/") + 1] for key in keys]
    common = common_folder(folders)
    assert all(folder.startswith(common) for folder in folders)
    assert common == "" or common.endswith("/")
    longer = {folder[: folder.find("/", len(common)) + 1] for folder in folders}
    assert len(longer) > 1 or longer == {""} or common in folders
    assert common_folder([common, *folders]) == common


@settings(max_examples=50)
@given(st.permutations(range(6)), st.integers(1, 5))
def test_the_order_and_the_batches_of_messages_do_not_matter(order: list[int], size: int) -> None:
    files = [Landed(f"reviews/tsv/{number % 2}/x/{number}", 5.0) for number in order]
    state = State(started=(Started("old", "reviews/tsv/1/", 6.0),))
    for first in range(0, 6, size):
        state = arrived(state, files[first : first + size], 10.0, f"new{random.random()}")
    assert state.open and state.open.folder == "reviews/tsv/0/x/"
    assert from_document(json.loads(json.dumps(to_document(state)))) == state
