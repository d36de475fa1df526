"""Rules: which events are wanted, or when one is made."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.eventbridge import matching, records, timed
from slipway.cloud.eventbridge.pattern_tests import BadPattern
from slipway.cloud.eventbridge.patterns import parse
from slipway.cloud.eventbridge.records import DEFAULT, Rule
from slipway.cloud.schedules import BadSchedule
from slipway.cloud.service import Call, Operation, ServiceError, invalid

SHOWN = (
    *("Name", "Arn", "EventPattern", "ScheduleExpression", "State", "Description", "RoleArn"),
    "EventBusName",
)
MOST = 300  # rules of a bus


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a rule, or replace all of one but its targets (PutRule)."""
    bus, name = records.bus_name(call, request), request["Name"]
    check(request, bus)
    arn = records.rule_arn(call.cloud, call.region, bus, name)
    rules = records.rules(call.cloud, call.region)
    with call.cloud.state.transaction():
        old = rules.get(f"{bus}/{name}")
        rule: Rule = {member: request[member] for member in SHOWN if member in request}
        rule |= {"State": request.get("State", "ENABLED"), "EventBusName": bus, "Arn": arn}
        rule["Targets"] = old["Targets"] if old else {}
        if old:
            rules.replace(f"{bus}/{name}", timed.begun(rule, old))
        else:
            if len(records.of_bus(call.cloud, call.region, bus)) >= MOST:
                raise ServiceError(
                    "LimitExceededException",
                    f"The requested resource exceeds the limit of {MOST} rules.",
                )
            rules.create(f"{bus}/{name}", timed.begun(rule, None))
            records.put_tags(call, arn, request.get("Tags", []))
        changed(call)
    return {"RuleArn": arn}


def check(request: Mapping[str, Any], bus: str) -> None:
    """Refuse a rule that could never do anything; ServiceError."""
    if "EventPattern" not in request and "ScheduleExpression" not in request:
        raise invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if pattern := request.get("EventPattern"):
        pattern_of(pattern)
    if schedule := request.get("ScheduleExpression"):
        if bus != DEFAULT:
            raise invalid("ScheduleExpression is supported only on the default event bus.")
        try:
            timed.check(schedule)
        except BadSchedule as error:
            raise invalid("Parameter ScheduleExpression is not valid.") from error


def pattern_of(text: str) -> Any:
    """Return a pattern; ServiceError in EventBridge's words."""
    try:
        return parse(text)
    except BadPattern as error:
        raise ServiceError(
            "InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}"
        ) from error


def changed(call: Call) -> None:
    """Let matching and schedules look at the rules anew."""
    matching.forget(call.cloud)
    call.cloud.state.when_committed(lambda: timed.wake(call.cloud))


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a rule (DescribeRule)."""
    rule = records.found(call, records.bus_name(call, request), request["Name"])
    return shown(rule) | {"CreatedBy": call.cloud.account}


def shown(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a rule."""
    return {member: rule[member] for member in SHOWN if member in rule}


def list_rules(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the rules of a bus (ListRules)."""
    every = records.of_bus(call.cloud, call.region, records.bus_name(call, request))
    prefix = request.get("NamePrefix", "")
    return records.page("Rules", [shown(r) for r in every if r["Name"].startswith(prefix)], request)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a rule without targets; one that does not exist is deleted, too (DeleteRule)."""
    bus, name = records.bus_name(call, request), request["Name"]
    with call.cloud.state.transaction():
        rule = records.rules(call.cloud, call.region).get(f"{bus}/{name}")
        if rule is None:
            return {}
        if rule["Targets"]:
            raise invalid("Rule can't be deleted since it has targets.")
        records.rules(call.cloud, call.region).delete(f"{bus}/{name}")
        records.forget_tags(call, rule["Arn"])
        changed(call)
    return {}


def enable(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a rule act (EnableRule)."""
    return switched(call, request, "ENABLED")


def disable(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a rule act no more (DisableRule)."""
    return switched(call, request, "DISABLED")


def switched(call: Call, request: Mapping[str, Any], state: str) -> dict[str, Any]:
    """Write the state of a rule."""
    bus, name = records.bus_name(call, request), request["Name"]
    with call.cloud.state.transaction():
        rule = records.found(call, bus, name)
        after = timed.begun(rule | {"State": state}, rule)
        records.rules(call.cloud, call.region).replace(f"{bus}/{name}", after)
        changed(call)
    return {}


OPERATIONS: dict[str, Operation] = {
    "PutRule": put,
    "DescribeRule": describe,
    "ListRules": list_rules,
    "DeleteRule": delete,
    "EnableRule": enable,
    "DisableRule": disable,
}
