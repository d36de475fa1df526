"""PutMetricAlarm, PutCompositeAlarm and what else changes alarms."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloudwatch import history, queries, rules, tags
from slipway.cloud.cloudwatch.alarm_events import queries_of
from slipway.cloud.cloudwatch.alarms import INSUFFICIENT, kept
from slipway.cloud.cloudwatch.evaluation import COMPARE
from slipway.cloud.cloudwatch.reasons import UNCHECKED
from slipway.cloud.cloudwatch.store import DAY
from slipway.cloud.cloudwatch.transitions import transition
from slipway.cloud.json_text import is_json
from slipway.cloud.service import Call, ServiceError

DEFAULTS: dict[str, Any] = {
    "ActionsEnabled": True,
    "OKActions": [],
    "AlarmActions": [],
    "InsufficientDataActions": [],
}
SINGLE = ("Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")
MISSING = ("breaching", "notBreaching", "ignore", "missing")
PERFORMED = ("arn:aws:sns:", "arn:aws:autoscaling:", "arn:aws:lambda:")


def put_metric_alarm(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an alarm, or replace its configuration and leave its state."""
    check_metric_alarm(request)
    check_actions(request)
    put(call, request)
    return {}


def put_composite_alarm(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make an alarm on other alarms, or replace its configuration."""
    check_actions(request)
    try:
        rule = rules.parse(request["AlarmRule"])
    except rules.BadRule as error:
        raise queries.invalid(f"AlarmRule cannot be read: {error}.") from error
    known = kept(call.cloud, call.region)
    unknown = [name for name in rule.names if known.get(name) is None]
    if unknown or request["AlarmName"] in rule.names:
        which = ", ".join(unknown or [request["AlarmName"]])
        raise queries.invalid(
            f"Could not save the composite alarm as alarms [{which}] in the alarm rule do not exist."
            if unknown
            else f"The alarm rule of {which} is about itself."
        )
    put(call, request)
    return {}


def check_actions(request: Mapping[str, Any]) -> None:
    """Refuse actions that would not be performed."""
    for member in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        for arn in request.get(member, []):
            if not arn.startswith(PERFORMED) or arn.count(":") < 5:
                raise queries.invalid(
                    f"Invalid action in {member}: expected the ARN of an SNS topic, a Lambda function or a "
                    f"scaling policy, which the local cloud performs, found {arn}."
                )


def check_metric_alarm(request: Mapping[str, Any]) -> None:
    """Refuse what CloudWatch refuses, and what is not evaluated here; ServiceError."""
    for member in ("EvaluationPeriods", "Threshold", "ComparisonOperator"):
        if member not in request:
            raise queries.invalid(f"The parameter {member} is required.")
    if request["ComparisonOperator"] not in COMPARE:
        raise queries.invalid(
            f"The local cloud does not support {request['ComparisonOperator']}: nothing learns what is "
            "normal."
        )
    if request.get("TreatMissingData", "missing") not in MISSING:
        raise queries.invalid(
            f"The value {request['TreatMissingData']} is not supported for TreatMissingData parameter. "
            f"Supported values are [{', '.join(MISSING)}]."
        )
    if request.get("EvaluateLowSampleCountPercentile", "evaluate") not in ("evaluate", "ignore"):
        raise queries.invalid(
            f"Option {request['EvaluateLowSampleCountPercentile']} is not supported. Supported options "
            "for parameter EvaluateLowSampleCountPercentile are evaluate and ignore."
        )
    if request.get("DatapointsToAlarm", 1) > request["EvaluationPeriods"]:
        raise queries.invalid("DatapointsToAlarm must not be greater than EvaluationPeriods.")
    if "Metrics" in request:
        check_metrics(request)
    else:
        check_single(request)
    period = longest(request)
    limit = 7 * DAY if period >= 3600 else DAY
    if period * request["EvaluationPeriods"] > limit:
        raise queries.invalid(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= "
            f"{limit})."
        )


def check_single(request: Mapping[str, Any]) -> None:
    """Refuse an alarm on one metric that lacks something."""
    for member in ("MetricName", "Namespace", "Period"):
        if member not in request:
            raise queries.invalid(f"Either Metrics or MetricName must be given, with {member}.")
    if ("Statistic" in request) == ("ExtendedStatistic" in request):
        raise queries.invalid("Exactly one of Statistic or ExtendedStatistic must be provided.")
    if "ExtendedStatistic" in request:
        queries.check_statistic(request["ExtendedStatistic"], "ExtendedStatistic")
    if request["Period"] < 10:
        raise queries.invalid("Period must not be less than 10.")
    queries.check_period(request["Period"], "Period")


def check_metrics(request: Mapping[str, Any]) -> None:
    """Refuse an alarm on a list of metrics and expressions that has not one result."""
    both = [member for member in ("MetricName", *SINGLE) if member in request]
    if both:
        raise queries.invalid(f"Metrics list and {both[0]} cannot both be given.")
    queries.check(request["Metrics"], "Metrics")
    returned = [query for query in request["Metrics"] if query.get("ReturnData", True)]
    if len(returned) != 1:
        raise queries.invalid(
            f"Exactly one element of the Metrics list should return data, found {len(returned)}."
        )


def longest(request: Mapping[str, Any]) -> int:
    """Return the period of what an alarm looks at."""
    asked = queries.check(queries_of(request), "Metrics")
    returned = next(query for query in asked.queries if query.get("ReturnData", True))
    return asked.periods[returned["Id"]]


def put(call: Call, request: Mapping[str, Any]) -> None:
    """Store an alarm."""
    name = request["AlarmName"]
    arn = f"arn:aws:cloudwatch:{call.region}:{call.cloud.account}:alarm:{name}"
    time = now()
    config = DEFAULTS | {member: value for member, value in request.items() if member != "Tags"}
    config |= {"AlarmArn": arn, "AlarmConfigurationUpdatedTimestamp": time}
    alarms = kept(call.cloud, call.region)
    with call.cloud.state.transaction():
        old = alarms.get(name)
        if old is not None and ("AlarmRule" in old) != ("AlarmRule" in request):
            raise queries.invalid(f"There is an alarm of another type with the name {name}.")
        if old is not None:
            state = {member: old[member] for member in old if member.startswith("State")}
            alarms.replace(name, config | state)
            summary, told = "updated", {"type": "Update", "updatedAlarm": config}
        else:
            state = {
                "StateValue": INSUFFICIENT,
                "StateReason": UNCHECKED,
                "StateUpdatedTimestamp": time,
                "StateTransitionedTimestamp": time,
            }
            alarms.create(name, config | state)
            tags.put(call, arn, request.get("Tags", []))
            summary, told = "created", {"type": "Create", "createdAlarm": config}
        text = f'Alarm "{name}" {summary}'[:255]
        history.write(call.cloud, call.region, config, "ConfigurationUpdate", text, told)


def delete_alarms(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete alarms, all or none."""
    alarms = kept(call.cloud, call.region)
    with call.cloud.state.transaction():
        for name in dict.fromkeys(request["AlarmNames"]):
            old = alarms.get(name)
            if old is None:
                raise not_found(name)
            alarms.delete(name)
            tags.forget(call, old["AlarmArn"])
            told = {"type": "Delete", "deletedAlarm": {"AlarmName": name}}
            text = f'Alarm "{name}" deleted'[:255]
            history.write(call.cloud, call.region, old, "ConfigurationUpdate", text, told)
    return {}


def set_alarm_state(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put an alarm into a state until it is evaluated next; its actions are performed."""
    name = request["AlarmName"]
    if kept(call.cloud, call.region).get(name) is None:
        raise not_found(name)
    data = request.get("StateReasonData")
    if data is not None and not is_json(data):
        raise ServiceError("InvalidFormat", "StateReasonData is no JSON.")
    state, reason = request["StateValue"], request["StateReason"]
    transition(call.cloud, call.region, name, state, reason, data)
    return {}


def enable_actions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let alarms perform their actions (EnableAlarmActions)."""
    return switch(call, request, True)


def disable_actions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let alarms perform no actions (DisableAlarmActions)."""
    return switch(call, request, False)


def switch(call: Call, request: Mapping[str, Any], enabled: bool) -> dict[str, Any]:
    """Set whether alarms perform their actions; names that no alarm has are no error."""
    alarms = kept(call.cloud, call.region)
    with call.cloud.state.transaction():
        for name in request["AlarmNames"]:
            if old := alarms.get(name):
                alarms.replace(name, old | {"ActionsEnabled": enabled})
    return {}


def not_found(name: str) -> ServiceError:
    """Return the refusal for an alarm that does not exist."""
    return ServiceError("ResourceNotFound", f"There is no alarm of the name {name}.", 404)
