"""The steps that make, change and restore resources."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud.cloudformation import types
from slipway.cloud.cloudformation.dynamic import expanded
from slipway.cloud.cloudformation.phases import DEPLOY, DONE, FAILED, PHASES, RESTORE
from slipway.cloud.cloudformation.resource import Made
from slipway.cloud.cloudformation.stack import Leftover, Physical, Record
from slipway.cloud.cloudformation.work import Work

REPLACES = "Requested update requires the creation of a new physical resource; hence creating one."
CANCELLED = {"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}


def deploy(work: Work, name: str) -> str:
    """Make or change a resource, or leave one that is as it shall be; return DONE or FAILED."""
    definition = work.context.definitions[name]
    found = work.records.get(name) or Record(name, definition.type, "", 0.0)
    if not found.touched:
        found = replace(found, touched=True, before=found.now)
    found = replace(found, type=definition.type, metadata=definition.metadata)
    action = "UPDATE" if found.now else "CREATE"
    try:
        properties = work.context.properties(name, work.made())
    except Exception as error:
        return failed(work, found, action, error, found.attempted)
    now = physical(work, name, Made(""), properties)
    if unchanged(found, now):
        assert found.now  # noqa: S101 (nothing is not unchanged)
        now = replace(now, physical_id=found.now.physical_id, attributes=found.now.attributes)
        work.put(replace(found, now=now, ended=work.mark))
        return DONE
    kind = types.found(definition.type)
    replaces = found.now is not None and differ(kind.replacing, found.now.properties, properties)
    if found.begun != work.mark:
        said = REPLACES if replaces else ""
        found = replace(found, status=f"{action}_IN_PROGRESS", reason=said, begun=work.mark)
        found = work.write(found, properties)
    try:
        asked = work.asked(name, definition.type, properties, now.tags)
        if found.now is None or replaces:
            made = kind.create(asked)
        else:
            last = expanded(found.attempted or found.now.properties, work.client)
            made = kind.update(asked, found.now.made(), last)
    except Exception as error:
        return failed(work, found, action, error, properties)
    now = replace(now, physical_id=made.physical_id, attributes=plain(made.attributes))
    return made_it(work, found, action, now)


def physical(work: Work, name: str, made: Made, properties: Mapping[str, Any]) -> Physical:
    """Return a resource as the template has it."""
    definition = work.context.definitions[name]
    return Physical(
        definition.type,
        made.physical_id,
        plain(made.attributes),
        properties,
        dict(work.context.version.tags),
        tuple(sorted(work.context.graph[name])),
        definition.deletion,
        definition.replacement,
    )


def plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as they are kept: a time as text."""
    found: dict[str, Any] = json.loads(json.dumps(dict(attributes), default=str))
    return found


def unchanged(found: Record, wanted: Physical) -> bool:
    """Tell whether a resource is as it shall be."""
    now = found.now
    return (
        now is not None
        and not found.status.endswith("_FAILED")
        and found.attempted is None
        and now.properties == wanted.properties
        and (now.tags == wanted.tags or not types.tagged(wanted.type))
    )


def differ(names: frozenset[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether one of these properties is another."""
    return any(before.get(name) != after.get(name) for name in names)


def failed(
    work: Work, found: Record, action: str, error: Exception, properties: Mapping[str, Any] | None
) -> str:
    """Store that a resource could not be made or changed, and what of it is there in spite of it."""
    said = work.failure(error, found.logical_id, found.type)
    half = getattr(error, "made", None)
    if half and found.now is None and properties is not None:
        found = replace(found, now=physical(work, found.logical_id, half, properties))
    found = replace(found, status=f"{action}_FAILED", reason=said, ended=work.mark)
    work.write(replace(found, attempted=properties), properties)
    return FAILED


def made_it(work: Work, found: Record, action: str, now: Physical) -> str:
    """Store a resource that was made or changed, and the one that it replaces."""
    cancelled = work.stopping.is_set()
    status = f"{action}_{'FAILED' if cancelled else 'COMPLETE'}"
    said = CANCELLED[action] if cancelled else ""
    with work.store.transaction():
        if found.now and found.now.physical_id != now.physical_id:
            work.store.leave(work.stack.id, Leftover(found.logical_id, found.now))
        found = replace(found, now=now, status=status, reason=said, ended=work.mark)
        work.write(replace(found, attempted=None), now.properties)
    return FAILED if cancelled else DONE


def restore(work: Work, name: str) -> str:
    """Make a resource again what it was when the stack was last whole; return DONE or FAILED."""
    found = work.records[name]
    before, now = found.before, found.now
    assert before is not None  # noqa: S101 (the phase has no other)
    whole = replace(found, type=before.type, status="UPDATE_COMPLETE", reason="", now=before)
    whole = replace(whole, before=None, touched=False, attempted=None, ended=work.mark)
    if now and now.physical_id != before.physical_id:
        with work.store.transaction():
            work.store.clear(work.stack.id, f"{name}#{before.physical_id}")
            work.store.leave(work.stack.id, Leftover(name, replace(now, replacement="Delete")))
            work.write(whole)
        return DONE
    if unchanged(replace(found, status=""), before) or name in work.operation.skip:
        ended = "UPDATE_COMPLETE" if found.status.endswith("_FAILED") else found.status
        work.put(replace(whole, status=ended))
        return DONE
    if found.begun != work.mark:
        found = replace(found, status="UPDATE_IN_PROGRESS", reason="", begun=work.mark)
        found = work.write(found, before.properties)
    try:
        asked = work.asked(name, before.type, before.properties, before.tags)
        last = expanded(found.attempted or (now or before).properties, work.client)
        made = types.found(before.type).update(asked, before.made(), last)
    except Exception as error:
        said = work.failure(error, name, before.type)
        work.write(replace(found, status="UPDATE_FAILED", reason=said, ended=work.mark))
        return FAILED
    now = replace(before, physical_id=made.physical_id, attributes=plain(made.attributes))
    work.write(replace(whole, now=now, begun=work.mark), before.properties)
    return DONE


def broke(work: Work, name: str, error: Exception) -> str:
    """Store that a step failed by a mistake of ours, whatever it was about; return FAILED."""
    found = work.records.get(name.split("#")[0]) or Record(name, "", "", 0.0)
    action = {DEPLOY: "UPDATE" if found.now else "CREATE", RESTORE: "UPDATE"}.get(
        PHASES[work.stack.status], "DELETE"
    )
    said = work.failure(error, name, found.type)
    work.write(replace(found, status=f"{action}_FAILED", reason=said, ended=work.mark))
    return FAILED
