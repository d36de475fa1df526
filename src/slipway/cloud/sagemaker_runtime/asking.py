"""A request's way to an instance, and the answer of the one that took it."""

import random
import time
from collections.abc import Callable

from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.on_demand import StartFailed, Throttled
from slipway.cloud.hosting.traffic import choose_fleet, choose_variant
from slipway.cloud.sagemaker_runtime import data_log, errors, measured, sessions
from slipway.cloud.sagemaker_runtime.answered import Answered, Said
from slipway.cloud.sagemaker_runtime.endpoint import PAUSE, find, named
from slipway.cloud.sagemaker_runtime.settings import settings
from slipway.cloud.service import Call
from slipway.hosting.exchange import Gone, NotMultiModel, NotReady, Refused, Reply
from slipway.hosting.instance import Instance


def ask(
    call: Call,
    of: Live,
    wanted: str,
    how: Callable[[Instance], Said],
    model: str = "",
    component: str = "",
    session: str = "",
) -> Answered[Said]:
    """Have a ready instance answer: of the variant `wanted`, or of one by the variants' weights.

    Waits a while for an instance that is started again. The endpoint's routing is read anew each
    time, for a release may have put others in place; so no instance that leaves fails a request.

    Args:
        how: Asks one instance.
        model: The target model, for messages.
        component: The inference component whose copies are asked, where the endpoint has such.
        session: The stateful session whose instance answers, as long as it takes requests.

    Raises:
        ServiceError: Throttled, still loading, refused by the model's server, or none is ready.
    """
    until = time.monotonic() + settings().patience
    while True:
        chosen = named(of, wanted) if wanted else choose_variant(of.routing, random.random())  # noqa: S311
        fleet = copies(call, of, component) if component else choose_fleet(chosen, random.random())  # noqa: S311
        try:
            if held := sessions.holder(of, session):
                return Answered(held.variant, held.fleet, how(held.instance))
            if fleet.on_demand is not None:
                with fleet.on_demand.one() as taken:
                    if taken.setup:
                        host = taken.instance.server.host
                        data_log.cold(call, of.name, chosen.name, host, taken.setup)
                    return Answered(chosen, fleet, how(taken.instance), taken.setup)
            if (instance := fleet.pick()) is not None:
                return Answered(chosen, fleet, how(instance), component=component)
        except Gone:  # it leaves, or has just ended: the next look finds another, or it again
            pass
        except Throttled:
            raise errors.throttled() from None
        except StartFailed as error:
            reply = Reply(0, {}, str(error).encode(), "primary", 0.0)
            raise errors.model_error(reply, call.region, call.cloud.account, of.name) from None
        except NotReady:
            raise errors.still_loading(model) from None
        except NotMultiModel:
            raise errors.not_multi_model(of.name) from None
        except Refused as error:
            raise errors.invalid(str(error)) from None
        if time.monotonic() > until:
            raise errors.unavailable(of.name, chosen.name)
        time.sleep(PAUSE)
        find(call, of.name)  # it may have been deleted


def copies(call: Call, of: Live, component: str) -> Fleet:
    """Return the copies of an inference component; ServiceError when there are none."""
    if component not in of.components:
        raise errors.no_component(of.name, component)
    fleet = of.components[component]
    if not fleet.instances:
        measured.no_capacity(call, component)
        raise errors.no_capacity()
    return fleet
