"""A request to a model and its answer, as the container's HTTP sees them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Invocation:
    """One request to a model."""

    body: bytes
    headers: Mapping[
        str, str
    ]  # what goes to the container: Content-Type, Accept, X-Amzn-SageMaker-…
    target_model: str = ""  # of a multi-model container: a path below its ModelDataUrl
    target_container: str = ""  # of a model whose containers are called directly: a hostname


@dataclass(frozen=True)
class Reply:
    """What a model said, or that it said nothing of use."""

    status: int  # the container's HTTP status; 0: no usable answer, and the body is AWS's sentence
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    source: str  # who answered, as AWS names it: "primary", or the container's hostname
    seconds: float  # spent in the model's containers
    setup: float = 0.0  # seconds of it that went into loading the model first
    metrics: Mapping[str, float] = field(default_factory=dict)  # of a multi-model server, in µs


@dataclass(frozen=True)
class Stream:
    """An answer that comes in parts.

    `chunks` raises StreamBroken when it ends too early; who does not want the rest has to `close` it.
    """

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    source: str


class StreamBroken(Exception):
    """A streamed answer ended before its end."""


class NotReady(Exception):
    """A multi-model container still loads the model (AWS: ModelNotReadyException, 429)."""


class Refused(Exception):
    """The model cannot take this request at all; the message is what AWS says (ValidationError)."""


class NotMultiModel(Refused):
    """A model was named (TargetModel) where there is one only."""


class Gone(Exception):
    """The instance was stopped before the request had its answer: ask another."""
