"""Requests to EventBridge and its Scheduler that succeed, and where what was asked for shows."""

import json

PATTERN = '{"source": ["x"]}'
QUEUE = "arn:aws:sqs:us-east-1:123456789012:for-events"
ROLE = "arn:aws:iam::123456789012:role/execution"
RULE = "arn:aws:events:us-east-1:123456789012:rule/"
GROUP = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/"
TAGS = [{"Key": "a", "Value": "b"}]
EVENT = dict.fromkeys(
    ("id", "account", "source", "time", "region", "resources", "detail-type"), "x"
)
ENTRY = {"Source": "x", "DetailType": "x", "Detail": "{}"}
SCHEDULE = {
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": QUEUE, "RoleArn": ROLE},
}


def rule(w, new, targets=False):
    """Return the name of a rule made for a request."""
    name = new("rule")
    w.must("PutRule", {"Name": name, "EventPattern": PATTERN}, "events")
    if targets:
        w.must("PutTargets", {"Rule": name, "Targets": [{"Id": "1", "Arn": QUEUE}]}, "events")
    return name


def made(w, operation, service, **members):
    """Return the name of something made for a request."""
    w.must(operation, members, service)
    return members["Name"]


def examples(new):
    """Return requests that succeed, by service and operation."""
    events = {
        "PutRule": lambda w: {"Name": new("rule"), "EventPattern": PATTERN},
        "DescribeRule": lambda w: {"Name": "rule"},
        "DeleteRule": lambda w: {"Name": rule(w, new)},
        "EnableRule": lambda w: {"Name": "rule"},
        "DisableRule": lambda w: {"Name": rule(w, new)},
        "ListRules": lambda w: {},
        "PutTargets": lambda w: {"Rule": rule(w, new), "Targets": [{"Id": "1", "Arn": QUEUE}]},
        "RemoveTargets": lambda w: {"Rule": rule(w, new, targets=True), "Ids": ["1"]},
        "ListTargetsByRule": lambda w: {"Rule": "rule"},
        "ListRuleNamesByTarget": lambda w: {"TargetArn": QUEUE},
        "PutEvents": lambda w: {"Entries": [ENTRY]},
        "TestEventPattern": lambda w: {"EventPattern": PATTERN, "Event": json.dumps(EVENT)},
        "CreateEventBus": lambda w: {"Name": new("bus")},
        "DescribeEventBus": lambda w: {"Name": "bus"},
        "UpdateEventBus": lambda w: {"Name": "bus"},
        "DeleteEventBus": lambda w: {"Name": made(w, "CreateEventBus", "events", Name=new("bus"))},
        "ListEventBuses": lambda w: {},
        "PutPermission": lambda w: {
            "Action": "events:PutEvents",
            "Principal": "111122223333",
            "StatementId": new("s"),
        },
        "RemovePermission": lambda w: {"RemoveAllPermissions": True},
        "TagResource": lambda w: {"ResourceARN": f"{RULE}rule", "Tags": TAGS},
        "UntagResource": lambda w: {"ResourceARN": f"{RULE}rule", "TagKeys": ["none"]},
        "ListTagsForResource": lambda w: {"ResourceARN": f"{RULE}rule"},
    }
    scheduler = {
        "CreateSchedule": lambda w: {"Name": new("s"), **SCHEDULE},
        "UpdateSchedule": lambda w: {"Name": "schedule", **SCHEDULE},
        "GetSchedule": lambda w: {"Name": "schedule"},
        "ListSchedules": lambda w: {},
        "DeleteSchedule": lambda w: {
            "Name": made(w, "CreateSchedule", "scheduler", Name=new("s"), **SCHEDULE)
        },
        "CreateScheduleGroup": lambda w: {"Name": new("g")},
        "GetScheduleGroup": lambda w: {"Name": "group"},
        "ListScheduleGroups": lambda w: {},
        "DeleteScheduleGroup": lambda w: {
            "Name": made(w, "CreateScheduleGroup", "scheduler", Name=new("g"))
        },
        "TagResource": lambda w: {"ResourceArn": f"{GROUP}group", "Tags": TAGS},
        "UntagResource": lambda w: {"ResourceArn": f"{GROUP}group", "TagKeys": ["none"]},
        "ListTagsForResource": lambda w: {"ResourceArn": f"{GROUP}group"},
    }
    return {f"events.{name}": make for name, make in events.items()} | {
        f"scheduler.{name}": make for name, make in scheduler.items()
    }


def on_bus(request, **members):
    """Return a request about what is on the bus of another request."""
    return members | {k: v for k, v in request.items() if k == "EventBusName"}


def described():
    """Return where what was asked for shows, by service and operation."""
    bus = ("DescribeEventBus", lambda r, a: {"Name": r["Name"]})
    schedule = (
        "GetSchedule",
        lambda r, a: {"Name": r["Name"], "GroupName": r.get("GroupName", "default")},
    )
    return {
        "events.PutTargets": ("ListTargetsByRule", lambda r, a: on_bus(r, Rule=r["Rule"])),
        "events.TagResource": (
            "ListTagsForResource",
            lambda r, a: {"ResourceARN": r["ResourceARN"]},
        ),
        "events.PutRule": ("DescribeRule", lambda r, a: on_bus(r, Name=r["Name"])),
        "events.CreateEventBus": bus,
        "events.UpdateEventBus": bus,
        "scheduler.CreateSchedule": schedule,
        "scheduler.UpdateSchedule": schedule,
        "scheduler.CreateScheduleGroup": ("GetScheduleGroup", lambda r, a: {"Name": r["Name"]}),
        "scheduler.TagResource": (
            "ListTagsForResource",
            lambda r, a: {"ResourceArn": r["ResourceArn"]},
        ),
    }


def populate(w):
    """Make what the examples name."""
    w.must("PutRule", {"Name": "rule", "EventPattern": PATTERN, "Tags": TAGS}, "events")
    w.must("PutTargets", {"Rule": "rule", "Targets": [{"Id": "1", "Arn": QUEUE}]}, "events")
    w.must("CreateEventBus", {"Name": "bus"}, "events")
    w.must("CreateScheduleGroup", {"Name": "group"}, "scheduler")
    w.must("CreateSchedule", {"Name": "schedule", **SCHEDULE}, "scheduler")
