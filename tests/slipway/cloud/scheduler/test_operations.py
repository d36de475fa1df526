"""The operations of EventBridge Scheduler."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"


def role(local, service="scheduler.amazonaws.com", name="scheduler"):
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam = local.client("iam")
    try:
        return iam.get_role(RoleName=name)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.fixture
def scheduler(shared):
    return shared.client("scheduler")


@pytest.fixture
def schedule(shared):
    return {
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": QUEUE, "RoleArn": role(shared)},
    }


def test_a_schedule_is_made_shown_changed_listed_and_deleted(scheduler, schedule):
    scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "b"}])
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    more = {"StartDate": start, "Description": "d", "ScheduleExpressionTimezone": "Europe/Berlin"}
    arn = scheduler.create_schedule(Name="one", GroupName="g", **schedule, **more)["ScheduleArn"]
    assert arn == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/g/one"
    found = scheduler.get_schedule(Name="one", GroupName="g")
    assert found.items() >= {"Arn": arn, "StartDate": start, "State": "ENABLED", **more}.items()
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 185
    assert found["ActionAfterCompletion"] == "NONE"
    with pytest.raises(scheduler.exceptions.ConflictException, match="already exists"):
        scheduler.create_schedule(Name="one", GroupName="g", **schedule)
    scheduler.update_schedule(Name="one", GroupName="g", State="DISABLED", **schedule)
    found = scheduler.get_schedule(Name="one", GroupName="g")
    assert (found["State"], "StartDate" in found, "Description" in found) == (
        "DISABLED",
        False,
        False,
    )
    scheduler.create_schedule(Name="two", GroupName="g", **schedule)
    listed = scheduler.list_schedules(GroupName="g", State="ENABLED")["Schedules"]
    assert [(each["Name"], each["Target"]) for each in listed] == [("two", {"Arn": QUEUE})]
    page = scheduler.list_schedules(GroupName="g", MaxResults=1)
    rest = scheduler.list_schedules(GroupName="g", NextToken=page["NextToken"])
    assert [each["Name"] for each in page["Schedules"] + rest["Schedules"]] == ["one", "two"]
    scheduler.delete_schedule(Name="one", GroupName="g")
    scheduler.delete_schedule_group(Name="g")
    for call in (
        lambda: scheduler.get_schedule(Name="two", GroupName="g"),
        lambda: scheduler.get_schedule_group(Name="g"),
        lambda: scheduler.delete_schedule(Name="two"),
    ):
        with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
            call()


def test_groups_have_tags_and_the_default_one_stays(scheduler):
    arn = scheduler.create_schedule_group(Name="tagged", ClientToken="t")["ScheduleGroupArn"]
    assert (
        scheduler.create_schedule_group(Name="tagged", ClientToken="t")["ScheduleGroupArn"] == arn
    )
    scheduler.tag_resource(
        ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    found = scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert found == [{"Key": "b", "Value": "2"}]
    names = [each["Name"] for each in scheduler.list_schedule_groups()["ScheduleGroups"]]
    assert names == ["default", "tagged"]
    with pytest.raises(ClientError, match="default schedule group"):
        scheduler.delete_schedule_group(Name="default")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ScheduleExpression": "soon"}, "Invalid Schedule Expression soon"),
        ({"ScheduleExpression": "cron(0 3 * * *)"}, "Invalid Schedule Expression"),
        ({"ScheduleExpressionTimezone": "Mars/Base"}, "Invalid ScheduleExpressionTimezone"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes is required"),
        ({"EndDate": datetime(2020, 1, 1)}, "cannot be in the past"),
        ({"GroupName": "nowhere"}, "does not exist"),
        ({"Target": {"Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c"}}, "does not deliver schedules to ecs"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:listQueues"}}, "only reads"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:fly"}}, "not an operation of sqs"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:fly:fly"}}, "is not an AWS service"),
    ],
)  # fmt: skip
def test_what_could_never_happen_is_refused(shared, scheduler, schedule, change, reason):
    if "Target" in change:
        change = {"Target": schedule["Target"] | change["Target"]}
    with pytest.raises(ClientError, match=reason):
        scheduler.create_schedule(Name="never", **schedule | change)


def test_a_role_that_does_not_trust_the_scheduler_is_refused(shared, scheduler, schedule):
    other = {"Arn": QUEUE, "RoleArn": role(shared, "lambda.amazonaws.com", "not-the-scheduler")}
    with pytest.raises(
        ClientError, match="must allow AWS EventBridge Scheduler to assume the role"
    ):
        scheduler.create_schedule(Name="never", **schedule | {"Target": other})
