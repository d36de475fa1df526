"""The operations of EventBridge: rules, targets, buses, tags, and what is refused."""

import json

import pytest
from botocore.exceptions import ClientError

ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
PATTERN = '{"source": ["x"]}'


@pytest.fixture
def events(shared):
    return shared.client("events")


def test_a_rule_is_made_replaced_switched_and_deleted(events):
    arn = events.put_rule(Name="r", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "b"}])[
        "RuleArn"
    ]
    assert arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": QUEUE, "Input": '{"n": 1}'}])
    events.put_rule(Name="r", ScheduleExpression="rate(5 minutes)", State="DISABLED")
    found = events.describe_rule(Name="r")
    assert (
        found.items()
        >= {"Arn": arn, "ScheduleExpression": "rate(5 minutes)", "State": "DISABLED"}.items()
    )
    assert "EventPattern" not in found
    events.enable_rule(Name="r")
    assert events.describe_rule(Name="r")["State"] == "ENABLED"
    (target,) = events.list_targets_by_rule(Rule="r")["Targets"]
    assert target == {"Id": "1", "Arn": QUEUE, "Input": '{"n": 1}'}
    assert events.list_rule_names_by_target(TargetArn=QUEUE)["RuleNames"] == ["r"]
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError, match="since it has targets"):
        events.delete_rule(Name="r")
    gone = events.remove_targets(Rule="r", Ids=["1", "2"])
    assert gone["FailedEntries"][0]["TargetId"] == "2"
    events.delete_rule(Name="r")
    events.delete_rule(Name="r")
    with pytest.raises(
        events.exceptions.ResourceNotFoundException,
        match="Rule r does not exist on EventBus default",
    ):
        events.describe_rule(Name="r")


def test_lists_have_pages(events):
    for n in range(3):
        events.put_rule(Name=f"page-{n}", EventPattern=PATTERN)
    first = events.list_rules(NamePrefix="page-", Limit=2)
    rest = events.list_rules(NamePrefix="page-", Limit=2, NextToken=first["NextToken"])
    assert [rule["Name"] for rule in first["Rules"] + rest["Rules"]] == [
        "page-0",
        "page-1",
        "page-2",
    ]
    assert "NextToken" not in rest


def test_a_bus_has_a_policy_and_rules_of_its_own(events):
    arn = events.create_event_bus(Name="own")["EventBusArn"]
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.create_event_bus(Name="own")
    rule = events.put_rule(Name="r", EventBusName=arn, EventPattern=PATTERN)["RuleArn"]
    assert rule.endswith("rule/own/r")
    events.put_permission(
        EventBusName="own", StatementId="s", Action="events:PutEvents", Principal="111122223333"
    )
    (statement,) = json.loads(events.describe_event_bus(Name="own")["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Resource"] == arn
    events.remove_permission(EventBusName="own", StatementId="s")
    assert "Policy" not in events.describe_event_bus(Name="own")
    events.delete_rule(Name="r", EventBusName="own")
    events.delete_event_bus(Name="own")
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
    with pytest.raises(ClientError, match="only on the default event bus"):
        events.create_event_bus(Name="other")
        events.put_rule(Name="r", EventBusName="other", ScheduleExpression="rate(1 hour)")


def test_entries_are_taken_or_refused_one_by_one(events):
    good = {"Source": "x", "DetailType": "d", "Detail": "{}"}
    entries = [
        good,
        {**good, "Source": "aws.s3"},
        {**good, "Detail": "[]"},
        {**good, "Detail": "{"},
        {"DetailType": "d", "Detail": "{}"},
        {**good, "EventBusName": "nowhere"},
    ]
    answer = events.put_events(Entries=entries)
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [None, "NotAuthorizedForSource", "MalformedDetail", "MalformedDetail",
                     "InvalidArgument", "InvalidArgument"]  # fmt: skip
    assert answer["FailedEntryCount"] == 5
    big = {**good, "Detail": json.dumps({"x": "y" * (1 << 20)})}
    with pytest.raises(
        ClientError, match="Total size of the entries in the request is over the limit"
    ):
        events.put_events(Entries=[big])


def test_a_pattern_is_tried(events):
    event = {
        "id": "1",
        "account": "a",
        "source": "x",
        "time": "t",
        "region": "r",
        "resources": [],
        "detail-type": "d",
    }
    assert events.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(event))["Result"]
    event["source"] = "y"
    assert not events.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(event))["Result"]
    with pytest.raises(ClientError, match="detail-type must be present"):
        events.test_event_pattern(EventPattern=PATTERN, Event='{"id": 1, "account": 1, "source": 1, '
                                  '"time": 1, "region": 1, "resources": 1}')  # fmt: skip
    with pytest.raises(
        events.exceptions.InvalidEventPatternException,
        match=r"Event pattern is not valid\. Reason: Empty arrays are not allowed",
    ):
        events.put_rule(Name="bad", EventPattern='{"source": []}')


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/s"}, "does not deliver events to kinesis"),
        ({"Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}, "does not deliver events to states"),
        ({"Arn": "queue"}, "not in correct format"),
        ({"Arn": QUEUE, "Input": "{"}, "JSON syntax error in input for target 1"),
        ({"Arn": QUEUE, "Input": "{}", "InputPath": "$"}, "Only one of Input, InputPath, or InputTransformer"),
        ({"Arn": QUEUE, "InputPath": "detail"}, "not a valid JSON path"),
        ({"Arn": QUEUE, "InputTransformer": {"InputTemplate": "<x>"}}, "invalid placeholder x"),
        ({"Arn": QUEUE + ".fifo"}, "MessageGroupId must be specified"),
        ({"Arn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/p"}, "RoleArn is required for target"),
        ({"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"}}, "SQS queue"),
    ],
)  # fmt: skip
def test_targets_that_could_not_be_reached_are_refused(events, target, reason):
    events.put_rule(Name="refusing", EventPattern=PATTERN)
    with pytest.raises(ClientError, match=reason):
        events.put_targets(Rule="refusing", Targets=[{"Id": "1", **target}])
    assert events.list_targets_by_rule(Rule="refusing")["Targets"] == []


@pytest.mark.parametrize(
    "schedule",
    ["rate(1 minutes)", "rate(5 minute)", "at(2030-01-01T00:00:00)", "cron(* *)", "soon"],
)
def test_schedules_that_rules_do_not_have_are_refused(events, schedule):
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        events.put_rule(Name="never", ScheduleExpression=schedule)


def test_what_the_local_cloud_has_not_is_refused_by_name(events):
    for call in (
        lambda: events.list_archives(),
        lambda: events.create_archive(
            ArchiveName="a",
            EventSourceArn="arn:aws:events:us-east-1:123456789012:event-bus/default",
        ),
        lambda: events.list_connections(),
        lambda: events.describe_api_destination(Name="d"),
    ):
        with pytest.raises(ClientError, match="The local cloud does not support"):
            call()
