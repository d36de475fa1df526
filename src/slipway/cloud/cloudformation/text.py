"""The text of a template: JSON, or YAML with CloudFormation's short forms. Pure."""

import json
import re
from typing import Any

import yaml

YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast


class TemplateError(Exception):
    """A template, or its parameters, that CloudFormation refuses; the text is what it says."""


class Loader(YAML):  # type: ignore[misc, valid-type]
    """YAML as CloudFormation reads it: `!Sub` and its kin; a date is text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own form)
        first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in YAML.yaml_implicit_resolvers.items()
    }


def short(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Return the long form of a short one: `!GetAtt A.B` is {"Fn::GetAtt": ["A", "B"]}."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", short)


def of_yaml(text: str) -> Any:
    """Return the document of a YAML text."""
    return yaml.load(text, Loader=Loader)  # noqa: S506 (it is a SafeLoader)


def read(text: str) -> dict[str, Any]:
    """Return a template's document; TemplateError where it is neither JSON nor YAML, or no object."""
    try:
        document = json.loads(text) if re.match(r"\s*\{", text) else of_yaml(text)
    except ValueError as error:
        raise TemplateError(f"Template format error: JSON not well-formed. ({error})") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise TemplateError(f"Template format error: YAML not well-formed.{where}") from error
    if not isinstance(document, dict):
        raise TemplateError("Template format error: unsupported structure.")
    return document
