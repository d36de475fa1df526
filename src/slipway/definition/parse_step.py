"""Reading one step, with the steps inside it."""

from slipway.definition.durations import Duration, parse_duration
from slipway.definition.errors import did_you_mean
from slipway.definition.model import (
    CacheConfig,
    Condition,
    Dependency,
    OutputParameter,
    ParameterType,
    PropertyFile,
    RetryPolicy,
    Step,
    Trigger,
)
from slipway.definition.parse_conditions import parse_conditions
from slipway.definition.reader import Reader
from slipway.definition.step_types import COMMON_KEYS, STEP_KEYS

NAME = r"[A-Za-z0-9\-_]{1,64}"
INSIDE = {"Condition": ("IfSteps", "ElseSteps"), "ForEach": ("ForEachBody",)}
NOT_IN_BODY = ("Condition", "Fail", "ForEach")


def parse_step(reader: Reader) -> Step:
    """Return the step that an object describes; what is faulty is noted and left out."""
    name = reader.members.get("Name")
    if isinstance(name, str):
        reader.step, reader.where = name, ""  # faults name the step, not its place
    if reader.required("Name"):
        reader.text("Name", pattern=NAME)
    kind = (reader.text("Type") or "") if reader.required("Type") else ""
    if kind and kind not in STEP_KEYS:
        reader.fault(f"Unknown step type '{kind}'.{did_you_mean(kind, STEP_KEYS)}", "Type")
    own = STEP_KEYS.get(kind, ())
    if kind in STEP_KEYS:
        reader.only(*COMMON_KEYS, *own)
    if kind not in ("Lambda", "Callback", "Fail"):
        reader.required("Arguments")
    inside = INSIDE.get(kind, ())
    arguments = reader.mapping("Arguments")
    branches = {key: _inner_steps(reader, key) for key in inside if key in arguments}
    conditions: tuple[Condition, ...] = ()
    if kind == "Condition" and arguments:
        conditions = _conditions(reader)
    if kind == "ForEach" and arguments:
        _check_for_each(reader)
    left = {key: value for key, value in arguments.items() if key not in inside}
    parsed = ("PropertyFiles", "OutputParameters")
    extras = {key: reader.members[key] for key in own if reader.has(key) and key not in parsed}
    reader.check_expressions(left, "Arguments")
    reader.check_expressions(extras)
    return Step(
        name=str(name),
        type=kind,
        arguments=left,
        depends_on=_dependencies(reader),
        display_name=reader.text("DisplayName", longest=256),
        description=reader.text("Description", longest=3072),
        cache=_cache(reader),
        retry_policies=tuple(_retry_policy(each) for each in reader.elements("RetryPolicies")),
        property_files=_property_files(reader) if "PropertyFiles" in own else (),
        output_parameters=_outputs(reader) if "OutputParameters" in own else (),
        extras=extras,
        conditions=conditions,
        if_steps=branches.get("IfSteps", ()),
        else_steps=branches.get("ElseSteps", ()),
        body=branches.get("ForEachBody", ()),
        raw=reader.members,
    )


def _inner_steps(reader: Reader, key: str) -> tuple[Step, ...]:
    return tuple(parse_step(each) for each in reader.inner("Arguments").elements(key))


def _conditions(reader: Reader) -> tuple[Condition, ...]:
    arguments = reader.inner("Arguments")
    arguments.only("Conditions", "IfSteps", "ElseSteps")
    arguments.required("Conditions")
    return parse_conditions(arguments, "Conditions")


def _check_for_each(reader: Reader) -> None:
    arguments = reader.inner("Arguments")
    arguments.only("IterableItems", "MaxConcurrency", "Selector", "ForEachBody")
    arguments.required("IterableItems")
    arguments.required("MaxConcurrency")
    arguments.integer("MaxConcurrency", 1, 50)
    items = arguments.members.get("IterableItems")
    if isinstance(items, list) and not 1 <= len(items) <= 100:
        arguments.fault(f"{len(items)} items: expected 1 to 100.", "IterableItems")
    if arguments.required("ForEachBody"):
        for each in arguments.elements("ForEachBody"):
            if each.members.get("Type") in NOT_IN_BODY:
                each.fault(f"A {each.members['Type']} step may not be in a ForEach body.")


def _dependencies(reader: Reader) -> tuple[Dependency, ...]:
    found: dict[str, Dependency] = {}
    for number, entry in enumerate(reader.array("DependsOn")):
        dependency = Dependency(entry) if isinstance(entry, str) else _run_condition(reader, number)
        if dependency is None:
            continue
        earlier = found.setdefault(dependency.step, dependency)
        if earlier.trigger != dependency.trigger:
            reader.fault(
                f"Step {reader.step} depends on step {dependency.step} with conflicting triggers: "
                f"{earlier.trigger} and {dependency.trigger}.",
                "DependsOn",
            )
    return tuple(found.values())


def _run_condition(reader: Reader, number: int) -> Dependency | None:
    entry = reader.inner("DependsOn", number)
    entry.only("Step", "Trigger")
    name = entry.text("Step") if entry.required("Step") else None
    trigger = entry.choice("Trigger", Trigger) if entry.has("Trigger") else Trigger.COMPLETED
    return Dependency(name, trigger) if name and trigger else None


def _cache(reader: Reader) -> CacheConfig | None:
    if not reader.has("CacheConfig"):
        return None
    cache = reader.inner("CacheConfig")
    cache.only("Enabled", "ExpireAfter")
    enabled = cache.required("Enabled") and bool(cache.flag("Enabled"))
    expire_after: Duration | None = None
    text = cache.text("ExpireAfter")
    if text is not None and enabled:
        try:
            expire_after = parse_duration(text)
        except ValueError as error:
            cache.fault(f"{error}.", "ExpireAfter")
    return CacheConfig(enabled, expire_after)


def _retry_policy(policy: Reader) -> RetryPolicy:
    policy.only("ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin")
    policy.required("ExceptionType")
    interval = policy.integer("IntervalSeconds", 0, 43200)
    backoff = policy.number("BackoffRate", 0, float("inf"))
    attempts = policy.integer("MaxAttempts", 0, 20)
    minutes = policy.integer("ExpireAfterMin", 0, 14400)
    if policy.has("MaxAttempts") and policy.has("ExpireAfterMin"):
        policy.fault("MaxAttempts and ExpireAfterMin exclude each other.")
    return RetryPolicy(
        exception_types=policy.texts("ExceptionType"),
        interval_seconds=1 if interval is None else interval,
        backoff_rate=2.0 if backoff is None else float(backoff),
        max_attempts=5 if attempts is None and minutes is None else attempts,
        expire_after_minutes=minutes,
    )


def _property_files(reader: Reader) -> tuple[PropertyFile, ...]:
    files = []
    for each in reader.elements("PropertyFiles"):
        each.only("PropertyFileName", "OutputName", "FilePath")
        keys = ("PropertyFileName", "OutputName", "FilePath")
        name, output, path = (each.text(key) if each.required(key) else None for key in keys)
        if name is not None and output is not None and path is not None:
            files.append(PropertyFile(name, output, path))
    return tuple(files)


def _outputs(reader: Reader) -> tuple[OutputParameter, ...]:
    outputs = []
    for each in reader.elements("OutputParameters"):
        each.only("OutputName", "OutputType")
        name = each.text("OutputName", longest=256) if each.required("OutputName") else None
        kind = each.choice("OutputType", ParameterType) if each.has("OutputType") else None
        if name is not None:
            outputs.append(OutputParameter(name, kind or ParameterType.STRING))
    if len(outputs) > 50:
        reader.fault(f"{len(outputs)} outputs: at most 50 are allowed.", "OutputParameters")
    return tuple(outputs)
