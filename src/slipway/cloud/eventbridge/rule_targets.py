"""The targets of rules: who gets the events, and in which form."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.eventbridge import records
from slipway.cloud.eventbridge.inputs import holders, is_path
from slipway.cloud.eventbridge.rules import changed
from slipway.cloud.json_text import is_json
from slipway.cloud.service import Call, Operation, ServiceError, invalid
from slipway.cloud.targets.send import kind_of

MOST = 5  # targets of a rule
KNOWN = "Lambda functions, SQS queues, SNS topics, SageMaker pipelines, log groups and event buses"
INPUTS = ("Input", "InputPath", "InputTransformer")

Target = Mapping[str, Any]


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add targets to a rule, or replace those of the same ids (PutTargets)."""
    bus = records.bus_name(call, request)
    for target in request["Targets"]:
        for problem in problems(target):
            raise invalid(problem)
    with call.cloud.state.transaction():
        rule = records.found(call, bus, request["Rule"])
        together = rule["Targets"] | {target["Id"]: target for target in request["Targets"]}
        if len(together) > MOST:
            raise ServiceError(
                "LimitExceededException",
                "The requested resource exceeds the maximum number allowed.",
            )
        rule["Targets"] = together
        records.rules(call.cloud, call.region).replace(f"{bus}/{rule['Name']}", rule)
        changed(call)
    return {"FailedEntryCount": 0, "FailedEntries": []}


def problems(target: Target) -> Iterator[str]:
    """Yield what is wrong with a target."""
    id_, arn = target["Id"], target["Arn"]
    kind = kind_of(arn)
    if not arn.startswith("arn:") or arn.count(":") < 5:
        yield "Parameter Arn is not valid. Reason: Provided Arn is not in correct format."
    elif not kind:
        yield (
            f"The local cloud does not deliver events to {arn.split(':')[2]} (target {id_}): it knows "
            f"{KNOWN}."
        )
    if len([name for name in INPUTS if name in target]) > 1:
        yield (
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {id_}."
        )
    if kind == "pipeline" and "RoleArn" not in target:
        yield f"RoleArn is required for target {arn}."
    if arn.endswith(".fifo") and not target.get("SqsParameters", {}).get("MessageGroupId"):
        yield f"Parameter(s) MessageGroupId must be specified for target: {id_}."
    if "Input" in target and not is_json(target["Input"]):
        yield f"JSON syntax error in input for target {id_}."
    if "InputPath" in target and not is_path(target["InputPath"]):
        yield "Reason: Input path is not a valid JSON path."
    if transformer := target.get("InputTransformer"):
        yield from template_problems(id_, transformer)
    letters = target.get("DeadLetterConfig", {}).get("Arn", "")
    if letters and kind_of(letters) != "queue":
        yield "Parameter DeadLetterConfig.Arn is not valid. Reason: it must be an SQS queue's ARN."


def template_problems(id_: str, transformer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an InputTransformer."""
    paths = transformer.get("InputPathsMap", {})
    for name, path in paths.items():
        if name.startswith("AWS"):
            yield f"InputPathsMap of target {id_} has the key {name}: AWS keeps such names."
        if not is_path(path):
            yield f"InputPath of target {id_} is not a valid JSON path: {path}."
    for name in sorted(holders(transformer["InputTemplate"])):
        if name not in paths and not name.startswith("aws.events."):
            yield f"InputTemplate for target {id_} contains invalid placeholder {name}."


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove targets from a rule (RemoveTargets)."""
    bus = records.bus_name(call, request)
    with call.cloud.state.transaction():
        rule = records.found(call, bus, request["Rule"])
        unknown = [id_ for id_ in request["Ids"] if id_ not in rule["Targets"]]
        rule["Targets"] = {k: v for k, v in rule["Targets"].items() if k not in request["Ids"]}
        records.rules(call.cloud, call.region).replace(f"{bus}/{rule['Name']}", rule)
        changed(call)
    failed = [
        {
            "TargetId": id_,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Rule {request['Rule']} does not have a target with the Id {id_}.",
        }
        for id_ in unknown
    ]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


def of_rule(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the targets of a rule (ListTargetsByRule)."""
    rule = records.found(call, records.bus_name(call, request), request["Rule"])
    return records.page("Targets", rule["Targets"].values(), request)


def rules_of(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the rules that have a target (ListRuleNamesByTarget)."""
    names = [
        rule["Name"]
        for rule in records.of_bus(call.cloud, call.region, records.bus_name(call, request))
        if any(target["Arn"] == request["TargetArn"] for target in rule["Targets"].values())
    ]
    return records.page("RuleNames", names, request)


OPERATIONS: dict[str, Operation] = {
    "PutTargets": put,
    "RemoveTargets": remove,
    "ListTargetsByRule": of_rule,
    "ListRuleNamesByTarget": rules_of,
}
