"""Events that nobody waits for: kept until they are handled, tried again, and told of at the end.

They are parcels of an outbox of Lambda's own, so an event outlives the process that accepted it. It is
handled at least once: what a killed cloud had begun, the next one does again.
"""

import functools
import zlib

from slipway.cloud.awslambda import destinations, owed, pool, running
from slipway.cloud.awslambda.event_settings import AGE, ATTEMPTS
from slipway.cloud.awslambda.names import LATEST, Named, arn
from slipway.cloud.awslambda.placing import run
from slipway.cloud.awslambda.running import Event
from slipway.cloud.awslambda.settings import settings
from slipway.cloud.awslambda.store import find, version
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.outbox import Later, Parcel
from slipway.cloud.service import Call, ServiceError

KIND = "LambdaEvent"
LANES = 8  # events of one function that are handled at once; AWS has a thousand machines
PAUSE = 60.0  # seconds until the second attempt; twice as many until the third
THROTTLED = (1.0, 300.0)  # seconds until an event without a place is looked at again: least, most


def start(cloud: Cloud) -> None:
    """Handle events from now on, those first that the last process left."""
    found = owed.outbox(cloud)
    found.sends(KIND, functools.partial(handle, cloud))
    found.sends(destinations.KIND, functools.partial(destinations.send, cloud))


def accept(call: Call, target: Named, event: Event) -> None:
    """Keep an event; it is on disk when this returns."""
    lane = zlib.crc32(event.request_id.encode()) % LANES
    body = {
        "Region": call.region,
        "Function": target.name,
        "Qualifier": target.qualifier,
        "Payload": event.payload.decode(),
        "RequestId": event.request_id,
        "Client": event.client,
    }
    running.measure(call, event.arn, {"AsyncEventsReceived": (1.0, "Count")})
    owed.outbox(call.cloud).put(KIND, f"{call.region}/{target.name}/{lane}", body)


def handle(cloud: Cloud, parcel: Parcel) -> float | Later | None:
    """Make an attempt to handle an event; return when the next one is due, if there is one."""
    body = parcel.body
    call = Call(cloud, "lambda", "Invoke", body["Region"], "", body["RequestId"])
    target = Named(body["Function"], body["Qualifier"])
    of = arn(call, target.name, target.qualifier)
    event = Event(body["Payload"].encode(), of, body["RequestId"], body["Client"])
    try:
        document = find(call, target)
        config = version(call, document, target)
    except ServiceError:  # it was deleted: nobody is left to be told
        running.measure(call, of, {"AsyncEventsDropped": (1.0, "Count")})
        return None
    said = document["EventInvokes"].get(target.qualifier or LATEST, {})
    longest = said.get("MaximumEventAgeInSeconds", AGE)
    age = now() - parcel.written
    waited = parcel.due - parcel.written  # less than its age where the clock was moved meanwhile
    told = functools.partial(destinations.tell, call, target, config, said, event, parcel)
    if waited > longest:
        told("EventAgeExceeded", parcel.attempts, None)
        return None
    running.measure(call, of, {"AsyncEventAge": (1000 * age, "Milliseconds")})
    try:
        outcome = run(call, target, config, event)
    except ServiceError:
        least, most = THROTTLED
        return Later(now() + settings().retry_factor * min(most, max(least, age)))
    attempts = parcel.attempts + 1
    if pool.is_stopped(cloud):
        return Later(parcel.written)
    if not outcome.error:
        told("Success", attempts, outcome)
        return None
    ended = min(now(), parcel.due + float(config["Timeout"]))
    pause = PAUSE * attempts * settings().retry_factor
    if attempts > said.get("MaximumRetryAttempts", ATTEMPTS):
        told("RetriesExhausted", attempts, outcome)
    elif ended + pause > parcel.written + longest:
        told("EventAgeExceeded", attempts, outcome)
    else:
        return ended + pause
    return None
