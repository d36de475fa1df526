"""Stacks, their resources, events and exports in the cloud's state."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slipway.cloud import clock
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation import stack as forms
from slipway.cloud.cloudformation.stack import Leftover, Record, Stack
from slipway.cloud.state import Documents

STACK = "cloudformation-stack"
NAME = "cloudformation-stack-name"
EXPORT = "cloudformation-export"
RECORD = "cloudformation-resource"
LEFTOVER = "cloudformation-leftover"
EVENT = "cloudformation-event"
CHANGE_SET = "cloudformation-change-set"


class Store:
    """What one region's CloudFormation knows."""

    def __init__(self, cloud: Cloud, region: str) -> None:
        self.cloud = cloud
        self.region = region

    def kept(self, kind: str, stack_id: str = "") -> Documents:
        """Return the documents of a kind, of one stack where a kind is of stacks."""
        return self.cloud.state.documents(self.region, f"{kind} {stack_id}".strip())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the state alone; what is written in it is written whole."""
        with self.cloud.state.transaction():
            yield

    def stack(self, stack_id: str) -> Stack:
        """Return a stack; KeyError when there is none."""
        found = self.kept(STACK).get(stack_id)
        if found is None:
            raise KeyError(stack_id)
        return forms.stack(found)

    def named(self, name: str) -> Stack | None:
        """Return the stack of a name, or of an ARN (a deleted one, too)."""
        if name.startswith("arn:"):
            found = self.kept(STACK).get(name)
            return forms.stack(found) if found else None
        id_of = self.kept(NAME).get(name)
        return self.stack(id_of["id"]) if id_of else None

    def stacks(self) -> list[Stack]:
        """Return all stacks, the newest first, also those that were deleted."""
        return [forms.stack(found) for _, found in reversed(self.kept(STACK).all())]

    def create(self, stack: Stack) -> bool:
        """Store a new stack; False when its name is taken."""
        with self.transaction():
            if not self.kept(NAME).create(stack.name, {"id": stack.id}):
                return False
            return self.kept(STACK).create(stack.id, forms.document(stack))

    def write(self, stack: Stack) -> None:
        """Store a stack anew; the name of one that was deleted is free."""
        with self.transaction():
            self.kept(STACK).replace(stack.id, forms.document(stack))
            if stack.status == "DELETE_COMPLETE":
                self.kept(NAME).delete(stack.name)
                for name, _ in self.kept(CHANGE_SET, stack.id).all():
                    self.kept(CHANGE_SET, stack.id).delete(name)

    def move(self, stack: Stack, status: str, reason: str = "", **changes: Any) -> Stack:
        """Give a stack another status, with the event that says so; return it."""
        changed: Stack = replace(stack, status=status, reason=reason, **changes)
        with self.transaction():
            self.write(changed)
            self.event(
                changed, changed.name, changed.id, "AWS::CloudFormation::Stack", status, reason
            )
        return changed

    def records(self, stack_id: str) -> dict[str, Record]:
        """Return the logical resources of a stack."""
        return {name: forms.record(found) for name, found in self.kept(RECORD, stack_id).all()}

    def put(self, stack_id: str, record: Record) -> None:
        """Store a logical resource."""
        kept, body = self.kept(RECORD, stack_id), forms.document(record)
        with self.transaction():
            if not kept.create(record.logical_id, body):
                kept.replace(record.logical_id, body)

    def forget(self, stack_id: str, logical_id: str) -> None:
        """Remove a logical resource."""
        self.kept(RECORD, stack_id).delete(logical_id)

    def leftovers(self, stack_id: str) -> dict[str, Leftover]:
        """Return what was replaced and is there still."""
        return {name: forms.leftover(found) for name, found in self.kept(LEFTOVER, stack_id).all()}

    def leave(self, stack_id: str, left: Leftover) -> None:
        """Store what was replaced."""
        name, body = f"{left.logical_id}#{left.of.physical_id}", forms.document(left)
        kept = self.kept(LEFTOVER, stack_id)
        with self.transaction():
            if not kept.create(name, body):
                kept.replace(name, body)

    def clear(self, stack_id: str, name: str) -> None:
        """Forget what was replaced."""
        self.kept(LEFTOVER, stack_id).delete(name)

    def event(
        self,
        stack: Stack,
        logical_id: str,
        physical_id: str,
        kind: str,
        status: str,
        reason: str = "",
        properties: str = "",
    ) -> None:
        """Store an event of a stack or of one of its resources, and publish it."""
        at = datetime.fromtimestamp(clock.now(), UTC)
        of_stack = physical_id == stack.id
        unique = str(uuid.uuid4())
        body = {
            "EventId": unique if of_stack else f"{logical_id}-{status}-{at.isoformat()}",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Timestamp": at.timestamp(),
            "ResourceStatus": status,
            "ResourceStatusReason": reason or None,
            "ResourceProperties": properties or None,
            "ClientRequestToken": (stack.operation and stack.operation.token) or None,
            "OperationId": (stack.operation and stack.operation.id) or None,
        }
        details = {"status": status, "status-reason": reason}
        detail: dict[str, Any] = {"stack-id": stack.id, "status-details": details}
        if not of_stack:
            detail |= {"logical-resource-id": logical_id, "physical-resource-id": physical_id}
            detail["resource-type"] = kind
        what = "Stack" if of_stack else "Resource"
        with self.transaction():
            self.kept(EVENT, stack.id).create(unique, body)
            self.cloud.events.publish(
                f"CloudFormation {what} Status Change",
                detail,
                region=self.region,
                resources=(stack.id,),
                source="aws.cloudformation",
            )
