"""Small definitions for tests."""

from typing import Any

from slipway.definition.model import Definition
from slipway.definition.parse import parse


def step(name: str, kind: str = "Lambda", **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": members.pop("arguments", {}), **members}


def condition(
    name: str,
    conditions: list[Any],
    then: list[Any] = (),
    otherwise: list[Any] = (),
    **members: Any,
) -> dict[str, Any]:
    arguments = {"Conditions": conditions, "IfSteps": list(then), "ElseSteps": list(otherwise)}
    return step(name, "Condition", arguments=arguments, **members)


def definition(*steps: dict[str, Any], parameters: list[Any] = (), **members: Any) -> Definition:
    whole = {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    return parse({**whole, **members})


def get(text: str) -> dict[str, str]:
    return {"Get": text}


def join(*values: Any, on: str = "") -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def equal(left: Any, right: Any) -> dict[str, Any]:
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}
