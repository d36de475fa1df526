"""A package's way from approval to production, by the functions that lead it."""

from typing import Any

import pytest

from delivering import PLACE, PRODUCTION, Delivering
from infra.functions import audit, registry
from infra.functions.hosting import APPROVER, SERVED, Busy
from infra.functions.verify import trial
from infra.functions.verify.trial import Answer, Limits
from slipway.cli import decisions


def test_a_package_goes_by_staging_and_a_second_person_to_production(platform: Delivering) -> None:
    arn = platform.verified(1)
    assert platform.stage(arn) == ("Production", "PendingApproval")
    platform.approve_production(arn, "bob")
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    words = [step.partition(" by ")[0] for step in platform.aws.steps(arn)]
    assert words == [
        "Approved",
        "Released to staging",
        "Verified",
        "Approved for Production",
        "Released to production",
        "Deployed to production",
    ]
    assert "approved by alice" in platform.aws.steps(arn)[1]
    assert "approved by bob" in platform.aws.steps(arn)[4]
    model = next(m for name, m in platform.aws.models.items() if "production" in name)
    assert model["EnableNetworkIsolation"] and model["VpcConfig"]["Subnets"] == ["subnet-1"]


def test_the_trail_is_the_one_that_the_command_line_reads(platform: Delivering) -> None:
    found = platform.aws.packages[platform.verified(1)]["CustomerMetadataProperties"]
    read = decisions.trail(found)
    assert [(d.action, d.who, d.why) for d in read] == [
        (s.action, s.who, s.why) for s in audit.trail(found)
    ]
    assert found[decisions.LAST] == read[-1].key


def test_events_that_come_twice_change_nothing(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    event = platform.aws.by("alice", arn, ModelApprovalStatus="Approved")
    platform.release.changed(event)
    platform.release.changed(event)
    platform.aws.settle(PLACE.endpoint)
    platform.release.changed(event)
    platform.verify.changed()
    platform.verify.changed()
    again = platform.approve_production(arn, "bob")
    platform.promote.changed(again)
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    platform.outcome.changed()
    platform.promote.changed(again)
    assert len(platform.aws.steps(arn)) == 6
    assert platform.aws.updates == 0
    assert len(platform.aws.models) == len(platform.aws.configs) == 2


def test_the_same_person_is_refused_with_the_reason_in_the_trail(platform: Delivering) -> None:
    arn = platform.verified(1)
    event = platform.approve_production(arn, "alice")
    assert platform.stage(arn) == ("Production", "PendingApproval")
    assert "alice approved it for staging already" in platform.aws.steps(arn)[-1]
    assert PRODUCTION.endpoint not in platform.aws.endpoints
    steps = platform.aws.steps(arn)
    platform.promote.changed(event)
    assert platform.aws.steps(arn) == steps
    platform.approve_production(arn, "bob")
    assert PRODUCTION.endpoint in platform.aws.endpoints


def test_what_was_not_tested_or_has_no_known_approver_is_refused(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    platform.approve_production(arn, "bob")
    assert "it is PendingManualApproval" in platform.aws.steps(arn)[-1]
    platform.release.changed(platform.aws.by("alice", arn, ModelApprovalStatus="Approved"))
    platform.approve_production(arn, "bob")
    assert "has not passed its test" in platform.aws.steps(arn)[-1]
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    other = platform.verified(2, who="")
    platform.approve_production(other, "bob")
    assert "nobody knows who approved it for staging" in platform.aws.steps(other)[-1]


def test_a_package_whose_artifact_is_gone_is_refused(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    containers = platform.aws.packages[arn]["InferenceSpecification"]["Containers"]
    containers[0]["ModelDataUrl"] = "s3://models/gone.tar.gz"
    event = platform.aws.by("alice", arn, ModelApprovalStatus="Approved")
    platform.release.changed(event)
    platform.release.changed(event)
    assert platform.aws.packages[arn]["ModelApprovalStatus"] == "Rejected"
    (step,) = platform.aws.steps(arn)
    assert step.startswith("Refused by") and "s3://models/gone.tar.gz is gone" in step
    assert not platform.aws.models


def test_a_rejection_is_recorded_once(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    event = platform.aws.by(
        "carol", arn, ModelApprovalStatus="Rejected", ApprovalDescription="bias in toys"
    )
    platform.release.changed(event)
    platform.release.changed(event)
    assert platform.aws.steps(arn) == ["Rejected by carol: bias in toys"]


def test_a_model_approved_again_after_a_rejection_is_released_again(platform: Delivering) -> None:
    arn = platform.verified(1)
    platform.release.changed(platform.aws.by("bob", arn, ModelApprovalStatus="Rejected"))
    platform.release.changed(platform.aws.by("bob", arn, ModelApprovalStatus="Approved"))
    assert platform.aws.updates == 1
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    platform.approve_production(arn, "bob")
    assert "bob approved it for staging already" in platform.aws.steps(arn)[-1]


def test_two_approvals_at_once_are_released_one_after_the_other(platform: Delivering) -> None:
    first, second = platform.aws.package(1), platform.aws.package(2)
    events = [platform.aws.by("alice", a, ModelApprovalStatus="Approved") for a in (first, second)]
    platform.release.changed(events[0])
    with pytest.raises(Busy):
        platform.release.changed(events[1])
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    platform.release.changed(events[1])
    platform.aws.settle(PLACE.endpoint)
    platform.verify.changed()
    assert platform.stage(first) == platform.stage(second) == ("Production", "PendingApproval")


def test_an_invocation_that_ends_anywhere_is_followed_by_one_that_ends_it(
    platform: Delivering,
) -> None:
    arn = platform.aws.package(1)
    event = platform.aws.by("alice", arn, ModelApprovalStatus="Approved")
    for dies in ("create_endpoint_config", "create_endpoint", "update_model_package"):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(platform.aws, dies, lambda **_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                platform.release.changed(event)
        platform.aws.packages[arn]["LastModifiedBy"] = {}  # whoever changed something meanwhile
    platform.release.changed(event)
    model = f"{platform.aws.models.popitem()[1]['ModelArn']}"
    assert platform.aws.tags[model][APPROVER] == "alice"
    assert len(platform.aws.configs) == 1


@pytest.mark.parametrize(
    "answer, why",
    [
        ('{"predicted_label": 9}\n', "expected predicted_label in 1 to 5 found 9"),
        ("sorry\n", "expected a JSON object"),
        ("", "expected 2 answers"),
    ],
)
def test_a_model_that_answers_nonsense_is_rejected(
    platform: Delivering, answer: str, why: str
) -> None:
    platform.aws.answer = answer
    arn = platform.verified(1)
    assert platform.aws.packages[arn]["ModelApprovalStatus"] == "Rejected"
    assert platform.stage(arn) == ("Staging", "Failed")
    assert why in platform.aws.steps(arn)[-1]


def test_a_model_that_never_came_into_service_is_rejected(platform: Delivering) -> None:
    arn = platform.aws.package(1)
    platform.release.changed(platform.aws.by("alice", arn, ModelApprovalStatus="Approved"))
    platform.aws.settle(PLACE.endpoint, "Failed")
    platform.verify.changed()
    assert "did not come into service" in platform.aws.steps(arn)[-1]
    other = platform.aws.package(2)
    event = platform.aws.by("alice", other, ModelApprovalStatus="Approved")
    with pytest.raises(Busy):
        platform.release.changed(event)
    platform.release.changed(event)  # the failed endpoint is gone, a new one is made
    assert platform.aws.endpoints[PLACE.endpoint]["EndpointStatus"] == "Creating"


def test_a_release_that_is_rolled_back_is_recorded_and_may_be_tried_again(
    platform: Delivering,
) -> None:
    first = platform.verified(1)
    platform.approve_production(first, "bob")
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    second = platform.verified(2)
    platform.approve_production(second, "bob")
    alarms = platform.aws.deployments[-1]["AutoRollbackConfiguration"]["Alarms"]
    assert {each["AlarmName"] for each in alarms} == set(platform.aws.alarms)
    platform.aws.settle(PRODUCTION.endpoint, back=True)
    platform.outcome.changed()
    platform.outcome.changed()
    assert platform.stage(second) == ("Production", "RolledBack")
    assert "Alarm rang" in platform.aws.steps(second)[-1]
    assert not platform.aws.alarms
    arn = platform.aws.endpoints[PRODUCTION.endpoint]["EndpointArn"]
    assert platform.aws.tags[arn][SERVED].startswith("slipway-dev-production-v1-")
    platform.approve_production(second, "carol")
    platform.aws.settle(PRODUCTION.endpoint)
    platform.outcome.changed()
    assert platform.aws.steps(second)[-1].startswith("Deployed to production")
    counts = [
        c["ProductionVariants"][0]["InitialInstanceCount"] for c in platform.aws.configs.values()
    ]
    assert counts[-1] == 3  # as many as there are


@pytest.mark.parametrize("outdated", [lambda found: audit.outdated(found, 1), decisions.outdated])
def test_the_trail_keeps_its_newest_steps_and_the_latest_end(outdated: Any) -> None:
    actions = ["Rejected", "Refused", *["Replaced"] * 40]
    steps = [audit.Step(action, "a", str(number)) for number, action in enumerate(actions)]
    found: dict[str, str] = {}
    for number, step in enumerate(steps):
        gone = outdated(found)
        new = audit.properties([step], decisions_time(number), "salt")
        found = {key: value for key, value in (found | new).items() if key not in gone}
    assert [step.why for step in audit.trail(found)] == ["1", *map(str, range(12, 42))]


def decisions_time(number: int) -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, 0, number, tzinfo=UTC)


def test_a_load_test_keeps_to_its_limits() -> None:
    limits = Limits(0.1, 100, 10)
    good = [Answer(True, 10.0)] * 19
    assert trial.load_problems(good, limits) == ""
    assert trial.load_problems([*good, Answer(True, 900.0)], limits) == ""
    assert "p95" in trial.load_problems([*good, *[Answer(True, 900.0)] * 2], limits)
    assert "failed" in trial.load_problems([*good, *[Answer(False, 1.0)] * 3], limits)
    assert "requests" in trial.load_problems(good[:9], limits)


@pytest.mark.parametrize(
    "context, who",
    [
        (
            {
                "IamIdentity": {
                    "PrincipalId": "AROA1:bob",
                    "Arn": "arn:aws:sts::1:assumed-role/r/bob",
                }
            },
            "bob",
        ),
        ({"IamIdentity": {"PrincipalId": "AIDA1", "Arn": "arn:aws:iam::1:user/eve"}}, "eve"),
        ({"UserProfileName": "dana", "IamIdentity": {"PrincipalId": "AROA1:SageMaker"}}, "dana"),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_person_is_the_session_the_user_or_the_profile(context: Any, who: str) -> None:
    assert registry.person(context) == who
