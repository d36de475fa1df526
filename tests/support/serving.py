"""What serves an endpoint in the tests of the data path: functions of the test's."""

from dataclasses import dataclass, field

from slipway.cloud.hosting.traffic import Share, Variant
from slipway.hosting.container import Server
from slipway.hosting.exchange import Reply
from slipway.hosting.usage import Usage


def said(body=b"ok", status=200, seconds=0.001, setup=0.0, metrics=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"content-type": "text/plain"} | named
    return Reply(status, headers, body, "primary", seconds, setup, metrics or {})


SERVER = Server("i-0", "AllTraffic", ())


@dataclass(eq=False)
class Instance:
    """What the tests' endpoints have for an instance: a function that answers."""

    answer: object = lambda invocation: said()
    asked: list = field(default_factory=list)
    ready: bool = True
    outstanding: int = 0
    server: Server = SERVER

    def usage(self):
        return Usage(cpu=150.0, memory=20.0, disk=30.0)

    def invoke(self, invocation, timeout):
        self.asked.append(invocation)
        return self.answer(invocation)


@dataclass
class Fleet:
    """The instances of one variant, as the data path sees them."""

    instances: tuple
    config: str = "c"
    on_demand: object = None

    def pick(self):
        ready = [instance for instance in self.instances if instance.ready]
        return ready[0] if ready else None


def variant(name="AllTraffic", weight=1.0, fleet=None, **settings):
    return Variant(name, weight, (Share(fleet or Fleet((Instance(),)), 1.0),), settings)


def served(answer, **settings):
    """Return a variant whose one instance answers by a function, and that instance."""
    instance = Instance(answer)
    return variant(fleet=Fleet((instance,)), **settings), instance
