"""What a target gets of an event: all of it, a part, a constant, or a template filled in. Pure.

Source: the EventBridge user guide, "Amazon EventBridge input transformation".
"""

import json
import re
from collections.abc import Mapping
from typing import Any

PATH = re.compile(r"\$((?:\.[\w/-]+|\[\d+\]|\[\*\]|\['[^']+'\])*)")
STEP = re.compile(r"\.([\w/-]+)|\[(\d+|\*)\]|\['([^']+)'\]")
HOLDER = re.compile(r"<([\w.\-]+)>")
NOTHING = object()
RESERVED = "aws.events."

Event = Mapping[str, Any]


def text_of(target: Mapping[str, Any], event: Event, about: Mapping[str, str]) -> str:
    """Return the text that a target gets of an event; `about` has the values of reserved names."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at(target["InputPath"], event)
        return compact({} if found is NOTHING else found)
    if transformer := target.get("InputTransformer"):
        paths = transformer.get("InputPathsMap", {})
        known = {name: at(path, event) for name, path in paths.items()}
        return filled(transformer["InputTemplate"], known | reserved(event, about))
    return compact(event)


def reserved(event: Event, about: Mapping[str, str]) -> dict[str, Any]:
    """Return what the names stand for that every template knows."""
    without = {name: value for name, value in event.items() if name != "detail"}
    whole = {RESERVED + "event.json": event, RESERVED + "event": without}
    return whole | {RESERVED + name: value for name, value in about.items()}


def compact(value: Any) -> str:
    """Return JSON as EventBridge writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_path(path: str) -> bool:
    """Tell whether a text is a path that EventBridge knows."""
    return PATH.fullmatch(path) is not None


def at(path: str, event: Any) -> Any:
    """Return what is at a path of an event; NOTHING where there is none."""
    found = PATH.fullmatch(path)
    if not found:
        return NOTHING
    return walked(event, STEP.findall(found[1]))


def walked(value: Any, steps: list[tuple[str, str, str]]) -> Any:
    """Return what the steps of a path lead to."""
    for place, (name, number, quoted) in enumerate(steps):
        if number == "*":
            if not isinstance(value, list):
                return NOTHING
            rest = [walked(each, steps[place + 1 :]) for each in value]
            return [each for each in rest if each is not NOTHING]
        if number:
            if not isinstance(value, list) or int(number) >= len(value):
                return NOTHING
            value = value[int(number)]
        elif not isinstance(value, Mapping) or (name or quoted) not in value:
            return NOTHING
        else:
            value = value[name or quoted]
    return value


def filled(template: str, known: Mapping[str, Any]) -> str:
    """Return a template with its names filled in: as JSON, or within quotes as text."""
    parts, last, quoted = [], 0, False
    for holder in HOLDER.finditer(template):
        before = template[last : holder.start()]
        quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        value = known.get(holder[1], NOTHING)
        parts += [before, within(value) if quoted else alone(value)]
        last = holder.end()
    return "".join([*parts, template[last:]])


def alone(value: Any) -> str:
    """Return a value as it stands outside of quotes."""
    return '""' if value is NOTHING else compact(value)


def within(value: Any) -> str:
    """Return a value as it stands within quotes: an object or an array loses its own."""
    if value is NOTHING:
        return ""
    if isinstance(value, Mapping | list):
        return compact(value).replace('"', "").replace("\\", "")
    return compact(value)[1:-1] if isinstance(value, str) else compact(value)


def holders(template: str) -> set[str]:
    """Return the names that a template has."""
    return set(HOLDER.findall(template))


def parameters(target: Mapping[str, Any], event: Event) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a pipeline; one that is a path is what the event has there."""
    listed = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    return tuple((each["Name"], valued(each["Value"], event)) for each in listed)


def valued(value: str, event: Event) -> str:
    """Return the value of a parameter."""
    if not value.startswith("$") or not is_path(value):
        return value
    found = at(value, event)
    if found is NOTHING:
        return ""
    return found if isinstance(found, str) else compact(found)
