"""Resource types whose resources are in memory: what the engine asks of them is written down."""

import threading
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud.cloudformation import types
from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, ResourceType


@dataclass
class Memory:
    """What was made, and what was asked."""

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # (verb, logical id)
    tokens: dict[str, set[str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)  # what a `Wait` waits for
    begun: threading.Event = field(default_factory=threading.Event)
    waiting: Asked | None = None  # what has begun to wait

    def create(self, asked: Asked) -> Made:
        self.note("create", asked)
        name = asked.properties.get("Name") or physical(
            asked.stack_name, asked.logical_id, asked.token
        )
        if asked.properties.get("Name") in self.things:
            raise Failed(f"{name} already exists")
        if asked.properties.get("Wait"):
            self.waiting = asked
            self.begun.set()
            self.gate.wait(20)
        return self.hold(name, asked)

    def update(self, asked: Asked, made: Made, before: Any) -> Made:
        self.note("update", asked)
        return self.hold(made.physical_id, asked)

    def delete(self, asked: Asked, made: Made) -> None:
        self.note("delete", asked)
        if asked.properties.get("Stuck"):
            raise Failed("it is stuck")
        self.things.pop(made.physical_id, None)

    def hold(self, name: str, asked: Asked) -> Made:
        if asked.properties.get("Bad"):
            raise Failed(f"{asked.logical_id} is bad")
        self.things[name] = dict(asked.properties)
        self.tags[name] = dict(asked.tags)
        return Made(name, {"Arn": f"arn:{name}", "Value": asked.properties.get("Value", "")})

    def note(self, verb: str, asked: Asked) -> None:
        self.asked.append((verb, asked.logical_id))
        self.tokens.setdefault(asked.logical_id, set()).add(asked.token)


def remember(monkeypatch: Any) -> Memory:
    """Let `Test::Thing` be a type of this test."""
    memory = Memory()
    own = ResourceType(
        "Test::Thing", memory.create, memory.update, memory.delete, frozenset({"Name", "Kind"})
    )
    found = types.found
    monkeypatch.setattr(types, "found", lambda name: own if name == own.name else found(name))
    return memory


def thing(**properties: Any) -> dict[str, Any]:
    """Return a resource of the type, in a template; what begins with an underscore is its own."""
    own = {name[1:]: value for name, value in properties.items() if name.startswith("_")}
    rest = {name: value for name, value in properties.items() if not name.startswith("_")}
    return {"Type": "Test::Thing", "Properties": rest, **own}
