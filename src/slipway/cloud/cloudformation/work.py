"""One phase of a stack operation, as its steps see it."""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud import clock
from slipway.cloud.cloudformation import phases
from slipway.cloud.cloudformation.context import Context
from slipway.cloud.cloudformation.dynamic import expanded
from slipway.cloud.cloudformation.parameters import HIDDEN
from slipway.cloud.cloudformation.reasons import expected, reason
from slipway.cloud.cloudformation.resource import Asked, Made
from slipway.cloud.cloudformation.stack import Operation, Physical, Record, Stack
from slipway.cloud.cloudformation.store import Store
from slipway.cloud.hosting import background

TOKENS = uuid.UUID("3f0d7f9e-54f9-4f0e-8d0a-1a8b8a4f5c11")  # a step's token as reasons show it
log = logging.getLogger(__name__)


class Work:
    """What the steps of a phase share."""

    def __init__(
        self, store: Store, stack: Stack, context: Context, client: Callable[[str], Any]
    ) -> None:
        assert stack.operation  # noqa: S101 (nobody works on a stack at rest)
        self.store = store
        self.stack = stack
        self.operation: Operation = stack.operation
        self.context = context
        self.client = client
        self.mark = phases.mark(stack)
        self.records = store.records(stack.id)
        self.leftovers = store.leftovers(stack.id)
        self.stopping = threading.Event()  # another step failed: what ends now is cancelled

    def made(self) -> dict[str, Made]:
        """Return the resources that are there."""
        return {name: found.now.made() for name, found in self.records.items() if found.now}

    def put(self, record: Record) -> Record:
        """Store a resource."""
        record = replace(record, time=clock.now())
        self.store.put(self.stack.id, record)
        self.records[record.logical_id] = record
        return record

    def tell(self, record: Record, of: Physical | None = None, properties: Any = None) -> None:
        """Store the event of a resource's status; `of`: of what it was before, say."""
        of = of or record.now
        self.store.event(
            self.stack,
            record.logical_id,
            of.physical_id if of else "",
            of.type if of else record.type,
            record.status,
            record.reason,
            self.shown(properties) if properties is not None else "",
        )

    def write(self, record: Record, properties: Any = None) -> Record:
        """Store a resource and the event of its status."""
        with self.store.transaction():
            record = self.put(record)
            self.tell(record, properties=properties)
        return record

    def shown(self, properties: Any) -> str:
        """Return properties as text, the values of NoEcho parameters hidden."""
        found = json.dumps(properties)
        for parameter in self.context.version.parameters.values():
            if parameter.hidden and parameter.value:
                found = found.replace(json.dumps(parameter.value)[1:-1], HIDDEN)
        return found

    def token(self, name: str) -> str:
        """Return the token of a step: the same whenever it is tried again."""
        return f"{self.mark}/{name}"

    def asked(
        self, name: str, of: str, properties: Mapping[str, Any], tags: Mapping[str, str]
    ) -> Asked:
        """Return what a resource type is asked; dynamic references are read now."""
        logical_id = name.split("#")[0]
        own = {
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:stack-id": self.stack.id,
            "aws:cloudformation:logical-id": logical_id,
        }
        return Asked(
            self.store.cloud,
            self.store.region,
            self.stack.id,
            self.stack.name,
            logical_id,
            of,
            expanded(properties, self.client),
            {**tags, **own},
            self.client,
            self.token(name),
            self.stopping.is_set,
        )

    def failure(self, error: BaseException, name: str, kind: str) -> str:
        """Return the reason of a step that failed; Interrupted when the cloud ends."""
        background.unless_ending(self.store.cloud)
        if not expected(error):
            log.error("%s of %s failed", self.token(name), self.stack.name, exc_info=error)
        return reason(error, kind, str(uuid.uuid5(TOKENS, self.token(name))))
