"""What is kept of functions: a document for each, with its versions, aliases, policies and settings."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.awslambda.errors import changed, not_found
from slipway.cloud.awslambda.names import LATEST, Named, arn
from slipway.cloud.clock import now
from slipway.cloud.service import Call
from slipway.cloud.state import Documents

KIND = "LambdaFunction"
PAGE = 50  # items of an answer, where a request names no number

Document = dict[str, Any]


def new(config: dict[str, Any], tags: dict[str, str]) -> Document:
    """Return the document of a new function."""
    return {
        "Versions": {LATEST: config},
        "Last": 0,  # the number of the version published last
        "Aliases": {},
        "Tags": tags,
        "Policies": {},  # by qualifier; "" is the function's own
        "Reserved": None,
        "EventInvokes": {},  # by qualifier; LATEST is the function's own
    }


def documents(call: Call) -> Documents:
    """Return the functions of the call's region."""
    return call.cloud.state.documents(call.region, KIND)


def find(call: Call, named: Named) -> Document:
    """Return a function's document; ServiceError."""
    if (found := documents(call).get(named.name)) is None:
        raise absent(call, named)
    return found


def absent(call: Call, named: Named) -> Exception:
    """Return the refusal of a name that no function has."""
    return not_found(f"Function not found: {arn(call, named.name, named.qualifier)}")


@contextmanager
def changing(call: Call, named: Named) -> Iterator[Document]:
    """Yield a function's document and store it at the end; ServiceError."""
    with call.cloud.state.transaction():
        document = find(call, named)
        yield document
        documents(call).replace(named.name, document)


def version(call: Call, document: Document, named: Named) -> dict[str, Any]:
    """Return the configuration that a qualifier means; an alias's by its weights. ServiceError."""
    qualifier = named.qualifier or LATEST
    if alias := document["Aliases"].get(qualifier):
        qualifier = chosen(alias)
    if (found := document["Versions"].get(qualifier)) is None:
        raise absent(call, named)
    config: dict[str, Any] = found
    return config


def chosen(alias: Document) -> str:
    """Return a version of an alias, by chance where it has several."""
    dice = random.random()  # noqa: S311
    for number, weight in (
        alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}).items()
    ):
        dice -= weight
        if dice < 0:
            return str(number)
    return str(alias["FunctionVersion"])


def shown(call: Call, config: dict[str, Any], qualifier: str = "") -> dict[str, Any]:
    """Return a configuration as answers have it."""
    found = {name: value for name, value in config.items() if name != "Digest"}
    return found | {"FunctionArn": arn(call, config["FunctionName"], qualifier)}


def revision() -> str:
    """Return a new revision's id."""
    return str(uuid.uuid4())


def check_revision(asked: dict[str, Any], found: str) -> None:
    """Refuse a request about another revision than the present one; ServiceError."""
    if asked.get("RevisionId", found) != found:
        raise changed()


def modified() -> str:
    """Return the present as LastModified has it."""
    at = datetime.fromtimestamp(now(), UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def paged(items: list[Any], member: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of a list; the marker is the number of the items before it."""
    marker = request.get("Marker", "")
    first = int(marker) if marker.isdecimal() else 0
    last = first + int(request.get("MaxItems", PAGE))
    page: dict[str, Any] = {member: items[first:last]}
    return page | ({"NextMarker": str(last)} if last < len(items) else {})
