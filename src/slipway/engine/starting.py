"""How an attempt at a step begins: with an earlier result, if the cache has one that fits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from slipway.engine.attempt import Attempt
from slipway.engine.cache import cache_key
from slipway.engine.events import Event, StepExecuting, StepSucceeded
from slipway.engine.steps.kind import Kind
from slipway.engine.steps.resources import variables_for
from slipway.engine.store import Earlier, Store


def start(attempt: Attempt, kind: Kind, store: Store) -> Iterator[Event]:
    """Begin an attempt and yield what happens; ResolveError, Refused or NoNews."""
    step = attempt.step
    # The conditions of a condition step are resolved when they are evaluated.
    given = {} if step.conditions else step.arguments
    arguments = attempt.resolve(given, variables_for(step.type, attempt))
    key = cache_key(step.type, arguments, attempt.resolve(step.extras))
    if key and step.cache and step.cache.enabled:
        earlier = store.earlier(attempt.facts, step.name, key)
        if earlier and fresh(attempt, earlier):
            yield StepSucceeded(
                attempt.now(),
                step.name,
                earlier.metadata,
                earlier.properties,
                cache_hit=earlier.execution,
            )
            return
    for event in kind.start(attempt, arguments):
        yield replace(event, key=key) if isinstance(event, StepExecuting) else event


def fresh(attempt: Attempt, earlier: Earlier) -> bool:
    """Tell whether an earlier result is younger than the step's ExpireAfter."""
    expire = attempt.step.cache.expire_after if attempt.step.cache else None
    if expire is None:
        return True
    now, ended = (datetime.fromtimestamp(at, UTC) for at in (attempt.now(), earlier.ended))
    return now < expire.after(ended)
