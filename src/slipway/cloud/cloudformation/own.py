"""Resource types that are made by functions of their own, and what all kinds of types share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties, ResourceType


class Kind(Protocol):
    """What is said of a resource type, however it is made."""

    @property
    def name(self) -> str:
        """Its name: "AWS::S3::Bucket"."""

    @property
    def refused(self) -> Mapping[str, str]:
        """Properties that fail a deploy: why."""

    def type(self) -> ResourceType:
        """Return the type as CloudFormation's engine takes it."""


@dataclass(frozen=True)
class Own:
    """A resource type that is made by functions of its own."""

    name: str
    create: Callable[[Asked], Made]
    update: Callable[[Asked, Made, Properties], Made]
    delete: Callable[[Asked, Made], None]
    properties: frozenset[str]
    replacing: frozenset[str] = frozenset()
    ignored: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def type(self) -> ResourceType:
        """Return the type as CloudFormation's engine takes it."""

        def create(asked: Asked) -> Made:
            self._check(asked)
            return self.create(asked)

        def update(asked: Asked, made: Made, before: Properties) -> Made:
            self._check(asked)
            return self.update(asked, made, before)

        return ResourceType(self.name, create, update, self.delete, self.replacing)

    def honored(self) -> frozenset[str]:
        """Return the properties that do what they do on AWS."""
        return self.properties - self.ignored.keys()

    def _check(self, asked: Asked) -> None:
        check(self, asked.properties)
        for name in asked.properties:
            if name not in self.properties and name not in self.ignored:
                raise Failed(f"#: extraneous key [{name}] is not permitted")


def check(kind: Kind, properties: Properties) -> None:
    """Refuse what a type of the local cloud does not do."""
    for name in properties:
        if reason := kind.refused.get(name):
            raise Failed(f"The local cloud does not support {kind.name} {name}: {reason}.")


def by_name(*kinds: Kind) -> dict[str, ResourceType]:
    """Return the resource types by name."""
    return {kind.name: kind.type() for kind in kinds}
