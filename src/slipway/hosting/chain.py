"""A request's way through a model's containers: one after the other, or to the one that was named."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from slipway.hosting.client import Answer, Broken, HeadTooLong, Late, Opened, Unreached
from slipway.hosting.container import Server
from slipway.hosting.exchange import (
    Gone,
    Invocation,
    NotMultiModel,
    Refused,
    Reply,
    Stream,
    StreamBroken,
)
from slipway.hosting.running import sentence
from slipway.hosting.server import ModelServer

BETWEEN = 5 << 20  # bytes that go from one container of a chain to the next
TOO_LARGE = (
    "Received response from {one} with status code {status}. However, the request payload from {one} "
    "to {two} is {size} bytes, which has exceeded the maximum limit of 5 MB."
)
INVOCATIONS = "/invocations"


def invoke(
    about: Server, servers: Sequence[ModelServer], invocation: Invocation, timeout: float
) -> Reply:
    """Return the answer of the last container that was asked, or of the first that failed.

    Raises Gone where the first one has just ended: the request has reached nobody.
    """
    began = time.monotonic()
    asked = way(about, servers, invocation)
    headers, body = dict(invocation.headers), invocation.body
    setup, metrics = 0.0, dict[str, float]()
    for server, after in zip(asked, [*asked[1:], None], strict=True):
        name = server.container.name
        left = timeout - (time.monotonic() - began)
        sent = without_accept(headers) if after else headers
        found: Answer | str
        try:
            if server.models:
                found, told = server.models.invoke(invocation.target_model, sent, body, left)
                setup, metrics = told.setup, dict(told.metrics)
            else:
                found = server.reach("POST", INVOCATIONS, sent, body, left)
        except Unreached as error:
            if server is asked[0]:
                raise Gone(str(error)) from error
            found = sentence(error, name)
        seconds = time.monotonic() - began
        if isinstance(found, str):
            return Reply(0, {}, found.encode(), name, seconds, setup, metrics)
        reply = Reply(found.status, found.headers, found.body, name, seconds, setup, metrics)
        if after is None or not 200 <= found.status < 300:
            break
        if len(found.body) > BETWEEN:
            size, two = len(found.body), after.container.name
            text = TOO_LARGE.format(one=name, two=two, status=found.status, size=size)
            return Reply(0, {}, text.encode(), name, seconds, setup, metrics)
        headers, body = passed_on(headers, found), found.body
    return reply


def stream(
    about: Server,
    servers: Sequence[ModelServer],
    invocation: Invocation,
    timeout: float,
    done: Callable[[], None],
) -> Stream:
    """Return the answer of the one container that is asked as it comes; `done` is called at its end."""
    (*before, server) = way(about, servers, invocation)
    name = server.container.name
    if before or server.models:
        what = "several containers in a chain" if before else "several models"
        raise Refused(f"A model of {what} does not stream its answers.")
    client = server.client
    request = object()
    server.began(request)
    try:
        if client is None:
            raise Unreached("the server is not started")
        opened = client.open("POST", INVOCATIONS, invocation.headers, invocation.body, timeout)
    except Unreached as error:
        server.ended(request, answered=False)
        raise Gone(str(error)) from error
    except (Late, Broken, HeadTooLong) as error:
        server.ended(request, answered=False)
        done()
        said = sentence(error, name).encode()
        return Stream(0, {}, (each for each in (said,)), name)

    def end(answered: bool) -> None:
        server.ended(request, answered)
        done()

    return Stream(opened.status, opened.headers, Chunks(opened, end), name)


class Chunks(Iterator[bytes]):
    """The parts of an answer. Whoever does not want the rest must `close` it."""

    def __init__(self, opened: Opened, end: Callable[[bool], None]) -> None:
        self._opened = opened
        self._end: Callable[[bool], None] | None = end

    def __next__(self) -> bytes:
        """Return the next part; StreamBroken."""
        try:
            piece = self._opened.read()
        except (Late, Broken) as error:
            self.close()
            raise StreamBroken(str(error) or "the answer took too long") from error
        if not piece:
            self._finish(answered=True)
            raise StopIteration
        return piece

    def close(self) -> None:
        """Let the rest go."""
        self._opened.close()
        self._finish(answered=False)

    def __del__(self) -> None:
        self.close()

    def _finish(self, answered: bool) -> None:
        end, self._end = self._end, None
        if end:
            end(answered)


def way(
    about: Server, servers: Sequence[ModelServer], invocation: Invocation
) -> Sequence[ModelServer]:
    """Return the servers that a request passes, in their order; Refused."""
    wanted = invocation.target_container
    if invocation.target_model and not any(server.models for server in servers):
        raise NotMultiModel(
            "The endpoint is not a multi-model endpoint and does not support target model header."
        )
    if not about.direct:
        if wanted:
            raise Refused(
                "TargetContainerHostname can only be given for a model whose InferenceExecutionConfig "
                "has the Mode Direct."
            )
        return servers
    names = [server.container.name for server in servers]
    if not wanted:
        raise Refused(
            "The model's InferenceExecutionConfig has the Mode Direct, so TargetContainerHostname is "
            f"required; expected one of {names}."
        )
    if wanted not in names:
        raise Refused(f"TargetContainerHostname: expected one of {names}, found {wanted!r}.")
    return [servers[names.index(wanted)]]


def passed_on(headers: Mapping[str, str], answer: Answer) -> dict[str, str]:
    """Return the headers for the next container: the caller's, and the type of what is passed on."""
    others = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    kind = answer.headers.get("content-type")
    return others | ({"Content-Type": kind} if kind else {})


def without_accept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers for a container whose answer the caller does not see."""
    return {name: value for name, value in headers.items() if name.lower() != "accept"}
