"""Decisions at the same moment: whichever way they fall, at most one is told that it stands."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from slipway.cli import decisions

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


def made(count, statuses):
    return [
        decisions.decide(statuses[n % len(statuses)], f"user{n}", "why", NOW, f"{n:06x}")
        for n in range(count)
    ]


def outcomes(count, statuses):
    """Yield, for every order of writes and later looks, who is told that it stands, and the status."""
    all_of_them = made(count, statuses)
    steps = [("write", n) for n in range(count)] + [("look", n) for n in range(count)]
    for order in permutations(steps):
        if any(order.index(("look", n)) < order.index(("write", n)) for n in range(count)):
            continue
        # All had read before anybody wrote.
        if any(kind == "look" for kind, _ in order[:1]):
            continue
        stored, status, winners = {}, "PendingManualApproval", []
        for kind, n in order:
            if kind == "write":
                stored |= decisions.properties(all_of_them[n])
                status = all_of_them[n].action
            elif (
                decisions.rival({}, stored, all_of_them[n], status == all_of_them[n].action) is None
            ):
                winners.append(n)
        yield winners, order


@pytest.mark.parametrize("statuses", [("Approved",), ("Approved", "Rejected")])
def test_of_two_at_most_one_stands(statuses):
    for winners, order in outcomes(2, statuses):
        assert len(winners) <= 1, order
        if len(statuses) == 1:
            assert len(winners) == 1, order


def test_of_three_never_two_stand():
    assert all(len(winners) <= 1 for winners, _ in outcomes(3, ("Approved",)))


def test_what_was_there_before_is_no_rival():
    old, mine = made(2, ("Approved",))
    before = decisions.properties(old)
    assert decisions.rival(before, before | decisions.properties(mine), mine, True) is None


def test_what_is_about_something_else_is_no_rival():
    (mine,) = made(1, ("Approved",))
    others = [
        decisions.decide(action, "platform", "it serves", NOW, f"{n}")
        for n, action in enumerate(("Released to staging", "Approved for Production"))
    ]
    after = decisions.properties(mine)
    for other in others:
        after |= decisions.properties(other)
    actions = {one.action for one in decisions.trail(after)}
    assert actions == {"Approved", "Approved for Production", "Released to staging"}
    assert decisions.rival({}, after, mine, True) is None
    assert decisions.rival({}, after, others[1], True) is None


def test_a_trail_is_in_the_order_of_time_within_a_second_too():
    found = {}
    for n, salt in enumerate(("ff", "00", "88")):
        when = NOW + timedelta(microseconds=n)
        found |= decisions.properties(decisions.decide("Approved", f"user{n}", "why", when, salt))
    assert [each.who for each in decisions.trail(found)] == ["user0", "user1", "user2"]


def test_a_trail_reads_what_was_written_and_forgets_the_oldest_first():
    first = decisions.decide("Approved", "a.b@c", '100 % sure: really; "yes"', NOW, "00")
    said = decisions.properties(first)[first.key]
    assert said == "Approved by a.b@c: 100 sure: really yes"
    (read,) = decisions.trail(decisions.properties(first) | {"accuracy": "0.5"})
    assert (read.action, read.who, read.why, read.when) == ("Approved", "a.b@c", first.why, NOW)
    many = {}
    for each in made(decisions.KEPT, ("Approved",)):
        many |= decisions.properties(each)
    (gone,) = decisions.outdated(many)
    assert gone == decisions.trail(many)[0].key
    assert decisions.outdated(decisions.properties(first)) == []
    long = decisions.decide("Approved", "me", "x" * 2000, NOW, "00")
    assert len(decisions.properties(long)[long.key]) == decisions.LONGEST
