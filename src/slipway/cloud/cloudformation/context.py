"""A stack's template in its surroundings: scope, order and outputs. Pure but for what it looks up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from slipway.cloud.cloudformation import conditions, parameters, references
from slipway.cloud.cloudformation.functions import Scope, resolve, text
from slipway.cloud.cloudformation.references import Graph
from slipway.cloud.cloudformation.resource import Made
from slipway.cloud.cloudformation.stack import Version
from slipway.cloud.cloudformation.template import EXTENSIONS, Definition, Template, parse
from slipway.cloud.cloudformation.text import TemplateError


@dataclass(frozen=True)
class Whose:
    """The stack that a template is for."""

    id: str
    name: str
    account: str
    region: str


class Context:
    """A version of a stack: its template with its parameters."""

    def __init__(self, whose: Whose, version: Version, outside: Any) -> None:
        self.template: Template = parse(version.template)
        self.version = version
        scope = Scope(
            pseudo(whose, version),
            parameters.values(self.template.parameters, version.parameters),
            self.template.mappings,
            outside,
            extended=EXTENSIONS in self.template.transforms,
        )
        decided = conditions.decided(self.template.conditions, scope)
        self._scope = replace(scope, conditions=decided)

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """The resources that there shall be."""
        return references.active(self.template, self._scope.conditions)

    @cached_property
    def graph(self) -> Graph:
        """What each of them waits for; TemplateError for a circle or a reference to nothing."""
        return references.graph(self.template, self._scope.conditions, self._scope.pseudo)

    def scope(self, resources: Mapping[str, Made]) -> Scope:
        """Return the scope in which these resources are there."""
        return replace(self._scope, resources=resources, declared=frozenset(self.definitions))

    def check(self) -> None:
        """Refuse a template that cannot be deployed: TemplateError."""
        if broken := conditions.broken(self.template.rules, self._scope):
            raise TemplateError(f"Template validation error: {' '.join(broken)}")
        _ = self.graph

    def properties(self, logical_id: str, resources: Mapping[str, Made]) -> Any:
        """Return the properties of a resource; NotYet where they need one that is not there."""
        found = resolve(self.definitions[logical_id].properties, self.scope(resources))
        if not isinstance(found, dict):
            raise TemplateError(f"Template format error: Properties of {logical_id} is no object.")
        return found

    def outputs(self, resources: Mapping[str, Made]) -> list[dict[str, str]]:
        """Return the outputs; TemplateError where one is no text."""
        scope, found = self.scope(resources), []
        for name, output in self.template.outputs.items():
            if not scope.conditions.get(output.get("Condition", ""), True):
                continue
            value = text(resolve(output.get("Value"), scope), f"the output {name}")
            each = {"OutputKey": name, "OutputValue": value}
            if "Description" in output:
                each["Description"] = str(output["Description"])
            if "Export" in output:
                exported = resolve(output["Export"], scope)["Name"]
                each["ExportName"] = text(exported, f"the export's name of the output {name}")
            found.append(each)
        return found


def pseudo(whose: Whose, version: Version) -> dict[str, Any]:
    """Return the pseudo parameters."""
    return {
        "AWS::AccountId": whose.account,
        "AWS::NotificationARNs": list(version.topics),
        "AWS::Partition": "aws",
        "AWS::Region": whose.region,
        "AWS::StackId": whose.id,
        "AWS::StackName": whose.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
