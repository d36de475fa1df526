"""Conditions and rules: what a template decides before anything is made. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud.cloudformation.functions import Scope, resolve
from slipway.cloud.cloudformation.text import TemplateError


def decided(conditions: Mapping[str, Any], scope: Scope) -> dict[str, bool]:
    """Return what each condition says; TemplateError for a circle or an unknown one."""
    known: dict[str, bool] = {}

    def named(name: Any, above: tuple[str, ...]) -> bool:
        if name in above:
            raise TemplateError(
                f"Template format error: Found circular condition dependency: {name}"
            )
        if name not in conditions:
            raise TemplateError(f"Template format error: Unresolved condition dependency {name}")
        if name not in known:
            known[name] = holds(conditions[name], (*above, name))
        return known[name]

    def holds(value: Any, above: tuple[str, ...]) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Condition":
                return named(argument, above)
            if name == "Fn::And":
                return all([holds(item, above) for item in several(name, argument)])
            if name == "Fn::Or":
                return any([holds(item, above) for item in several(name, argument)])
            if name == "Fn::Not":
                return not holds(single(argument), above)
            if name in COMPARING:
                return COMPARING[name](*(resolve(item, scope) for item in pair(name, argument)))
        found = resolve(value, replace(scope, conditions=known))
        if str(found).lower() not in ("true", "false"):
            raise TemplateError(f"Template format error: a condition is {found!r}, not a boolean")
        return str(found).lower() == "true"

    for name in conditions:
        named(name, ())
    return known


def broken(rules: Mapping[str, Any], scope: Scope) -> list[str]:
    """Return the descriptions of the assertions that do not hold."""
    found = []
    for name, rule in rules.items():
        if "RuleCondition" in rule and not decided({"if": rule["RuleCondition"]}, scope)["if"]:
            continue
        for assertion in rule.get("Assertions", []):
            if not decided({"assert": assertion["Assert"]}, scope)["assert"]:
                found.append(assertion.get("AssertDescription") or f"rule {name}")
    return found


def several(name: str, argument: Any) -> list[Any]:
    """Return the 2 to 10 conditions that a function joins."""
    if not isinstance(argument, list) or not 2 <= len(argument) <= 10:
        raise TemplateError(f"Template error: {name} takes a list of 2 to 10 conditions")
    return argument


def single(argument: Any) -> Any:
    """Return the condition that Fn::Not takes."""
    if not isinstance(argument, list) or len(argument) != 1:
        raise TemplateError("Template error: Fn::Not takes a list of one condition")
    return argument[0]


def pair(name: str, argument: Any) -> list[Any]:
    """Return the two values that a function compares."""
    if not isinstance(argument, list) or len(argument) != 2:
        raise TemplateError(f"Template error: {name} takes a list of two values")
    return argument


def plain(value: Any) -> Any:
    """Return a value as it is compared: scalars as text."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


COMPARING: dict[str, Callable[[Any, Any], bool]] = {
    "Fn::Equals": lambda one, other: plain(one) == plain(other),
    "Fn::Contains": lambda values, one: plain(one) in plain(values),
    "Fn::EachMemberEquals": lambda values, one: all(plain(v) == plain(one) for v in values),
    "Fn::EachMemberIn": lambda values, others: all(plain(v) in plain(others) for v in values),
}
