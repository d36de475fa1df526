"""Releases that meet each other, end halfway, or go back; and what a person finds afterwards."""

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from delivering import PLACE, PRODUCTION, Delivering
from infra.functions.hosting import Busy


def test_an_approval_brings_back_what_served_before_and_again_what_took_its_place(
    platform: Delivering,
) -> None:
    first = platform.in_production(1, "alice", "bob")
    second = platform.in_production(2, "alice", "bob")
    assert platform.serving() == second
    assert platform.stage(first) == ("Production", "Replaced")
    assert "serves slipway-dev-production-v2-" in platform.aws.steps(first)[-1]
    for back, left in ((first, second), (second, first)):
        now = platform.aws.endpoints[PRODUCTION.endpoint]["ProductionVariants"][0]
        now["DesiredInstanceCount"] += 2  # by autoscaling
        event = platform.approve_production(back, "carol")
        platform.promote.changed(event)
        platform.aws.settle(PRODUCTION.endpoint)
        platform.outcome.changed()
        platform.outcome.changed()
        platform.promote.changed(event)
        assert platform.serving() == back
        (variant,) = list(platform.aws.configs.values())[-1]["ProductionVariants"]
        assert variant["InitialInstanceCount"] == now["DesiredInstanceCount"]
        again = ["Approved for Production", "Released to production", "Deployed to production"]
        assert platform.actions(back)[-4:] == ["Replaced", *again]
        assert platform.actions(left)[-1] == "Replaced"
        assert platform.stage(left) == ("Production", "Replaced")
    assert platform.aws.updates == 4


def test_who_went_back_by_hand_is_understood(platform: Delivering) -> None:
    first = platform.in_production(1, "alice", "bob")
    second = platform.in_production(2, "alice", "bob")
    one, _ = sorted(name for name in platform.aws.configs if "production" in name)
    platform.aws.update_endpoint(PRODUCTION.endpoint, one)
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.stage(second) == ("Production", "Replaced")
    platform.approve_production(first, "carol")  # it serves already, but nobody has said so
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.actions(first)[-1] == "Deployed to production"
    platform.approve_production(second, "carol")
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.actions(second)[-1] == "Deployed to production"
    assert platform.stage(first) == ("Production", "Replaced")


def test_of_two_who_come_at_the_same_moment_the_second_is_released_after_the_first(
    platform: Delivering,
) -> None:
    platform.in_production(1, "alice", "bob")  # the endpoints are there
    first, second = platform.aws.package(2), platform.aws.package(3)
    events = [platform.aws.by("alice", a, ModelApprovalStatus="Approved") for a in (first, second)]
    update = platform.aws.update_endpoint

    def late(**request: Any) -> None:
        platform.aws.update_endpoint = update  # type: ignore[method-assign]
        platform.release.changed(events[0])
        update(**request)

    platform.aws.update_endpoint = late  # type: ignore[method-assign, assignment]
    with pytest.raises(ClientError, match="in-progress"):
        platform.release.changed(events[1])
    with pytest.raises(Busy):
        platform.release.changed(events[1])
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    platform.release.changed(events[1])
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    for each in (first, second):
        assert platform.actions(each) == ["Approved", "Released to staging", "Verified"]


def test_staging_is_free_when_its_test_has_ended(platform: Delivering) -> None:
    first, second = platform.aws.package(1), platform.aws.package(2)
    events = [platform.aws.by("alice", a, ModelApprovalStatus="Approved") for a in (first, second)]
    platform.release.changed(events[0])
    platform.aws.settle(PLACE.endpoint)
    with pytest.raises(Busy, match="reviews-bert/1 is being tested"):
        platform.release.changed(events[1])
    platform.aws.by("bob", first, ModelApprovalStatus="Rejected")
    platform.release.changed(events[1])
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    assert platform.stage(second) == ("Production", "PendingApproval")


def test_what_staging_still_serves_of_a_rejected_package_is_not_tested(
    platform: Delivering,
) -> None:
    arn = platform.verified(1)
    platform.release.changed(platform.aws.by("bob", arn, ModelApprovalStatus="Rejected"))
    event = platform.aws.by("alice", arn, ModelApprovalStatus="Approved")
    platform.verify.changed()  # an event of before that comes late
    platform.release.changed(event)
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    platform.approve_production(arn, "bob")
    assert platform.actions(arn)[-1] == "Released to production"


def test_what_served_for_a_moment_only_is_replaced_too(platform: Delivering) -> None:
    first = platform.verified(1)
    second = platform.verified(2)
    platform.approve_production(first, "bob")
    platform.aws.settle(PRODUCTION.endpoint)
    platform.approve_production(second, "bob")  # before anybody has seen the first one serve
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.stage(first) == ("Production", "Replaced")
    assert platform.actions(second)[-1] == "Deployed to production"


@pytest.mark.parametrize("dies", ["add_tags", "update_model_package"])
def test_a_release_whose_sender_died_is_written_down_by_the_next(
    platform: Delivering, dies: str
) -> None:
    first = platform.in_production(1, "alice", "bob")
    second = platform.verified(2)
    update = platform.aws.update_endpoint

    def last_act(**request: Any) -> None:
        update(**request)
        patched.setattr(platform.aws, dies, lambda **_: 1 / 0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(platform.aws, "update_endpoint", last_act)
        with pytest.raises(ZeroDivisionError):
            platform.approve_production(second, "bob")
    platform.aws.settle(PRODUCTION.endpoint)
    with contextlib.suppress(RuntimeError):  # "later"
        platform.outcome.changed()
    platform.promote.changed({"detail": {"ModelPackageArn": second}})
    platform.outcome.changed()
    written = ["Approved for Production", "Released to production", "Deployed to production"]
    assert platform.actions(second)[-3:] == written
    assert platform.stage(first) == ("Production", "Replaced")


def test_a_test_that_ends_before_its_release_is_written_down_counts(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    event = platform.aws.by("alice", arn, ModelApprovalStatus="Approved")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(platform.aws, "update_model_package", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            platform.release.changed(event)
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    platform.release.changed(event)
    assert platform.stage(arn) == ("Production", "PendingApproval")
    assert sorted(platform.actions(arn)) == ["Approved", "Released to staging", "Verified"]


def test_a_production_that_could_not_be_made_is_made_by_the_next_approval(
    platform: Delivering,
) -> None:
    arn = platform.verified(1)
    platform.approve_production(arn, "bob")
    platform.aws.settle(PRODUCTION.endpoint, "Failed")
    platform.outcome.changed()
    assert platform.stage(arn) == ("Production", "Failed")
    with pytest.raises(Busy):
        platform.approve_production(arn, "bob")
    platform.promote.changed({"detail": {"ModelPackageArn": arn}})
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.actions(arn)[-1] == "Deployed to production"
