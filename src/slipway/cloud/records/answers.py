"""Documents in the form of the model's answers, requests in the form of documents. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, Shape

from slipway.cloud.records.kind import Document, Kind
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import ServiceError, invalid

TAKEN = re.compile("ResourceInUse|ConflictException|ResourceExists|AlreadyExists")
ABSENT = re.compile("ResourceNotFound|EntityNotFound")
CREATED = re.compile("(Creation|Created)(Time)?(After|Before)")
CHANGED = re.compile("(Last)?Modified(Time)?(After|Before)")
NAMES = {"maxResults": "MaxResults", "nextToken": "NextToken"}
PAGING = ("SortBy", "SortOrder", "MaxResults", "NextToken")


def plain(value: Any) -> Any:
    """Return a request's value as JSON can hold it: times as epoch seconds."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return value.timestamp() if isinstance(value, datetime) else value


def answer(shape: Shape | None, document: Document) -> dict[str, Any]:
    """Return an output's members; an output of one structure holds the document in it."""
    if shape is None:
        return {}
    if len(shape.members) == 1:
        ((name, member),) = shape.members.items()
        if member.type_name == "structure":
            return {name: shown(member, document)}
    found: dict[str, Any] = shown(shape, document)
    return found


def shown(shape: Shape, value: Any) -> Any:
    """Return what a shape knows of a stored value, times as datetimes."""
    kind = shape.type_name
    if kind == "structure":
        members = shape.members.items()
        return {n: shown(m, value[n]) for n, m in members if value.get(n) is not None}
    if kind == "list":
        return [shown(shape.member, member) for member in value]
    if kind == "map":
        return {key: shown(shape.value, member) for key, member in value.items()}
    return datetime.fromtimestamp(value, UTC) if kind == "timestamp" else value


def listing(kind: Kind, model: OperationModel) -> Listing:
    """Return how a List operation filters and sorts, as its members' names tell."""
    members = model.input_shape.members
    created, changed = kind.times
    rest = [m for m in members if NAMES.get(m, m) not in PAGING and not m.endswith("Contains")]
    times = {m: created for m in rest if CREATED.fullmatch(m)}
    times |= {m: changed for m in rest if CHANGED.fullmatch(m)}
    title = kind.title or kind.key[-1]
    items = next(m for m in model.output_shape.members.values() if m.type_name == "list")
    state = next((m for m in items.member.members if m.endswith("Status")), "")
    sort_by = kind.sort_by if "SortBy" in members else created
    enum = members["SortBy"].enum if "SortBy" in members else [sort_by]
    return Listing(
        name=title,
        sort={value: {"Name": title, "Status": state}.get(value, camel(value)) for value in enum},
        sort_by=sort_by,
        order=kind.order,
        since={m: of for m, of in times.items() if m.endswith("After")},
        before={m: of for m, of in times.items() if m.endswith("Before")},
        equal={m: kind.equal.get(m, m.removesuffix("Equals")) for m in rest if m not in times},
        unique=kind.arn[0],
    )


def camel(value: str) -> str:
    """Return the member that `LAST_MODIFIED_TIME` means; other values are members themselves."""
    return "".join(map(str.capitalize, value.split("_"))) if value.isupper() else value


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a List request with the names and the spelling that most of them have."""
    found = {NAMES.get(name, name): value for name, value in request.items()}
    for name in [name for name in found if name.endswith("NameContains")]:
        found["NameContains"] = found.pop(name)
    if "SortOrder" in found:
        found["SortOrder"] = found["SortOrder"].capitalize()
    return found


def page(shape: Shape, documents: Iterable[Mapping[str, Any]], token: str | None) -> dict[str, Any]:
    """Return a List operation's answer: its only list, and the token of the next page."""
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        if member.type_name == "list":
            found[name] = [shown(member.member, document) for document in documents]
        elif name.lower() == "nexttoken":
            found[name] = token
    return found


def taken(kind: Kind, model: OperationModel, named: str) -> ServiceError:
    """Return the refusal of a name that is taken."""
    return refusal(model, TAKEN, f"{kind.name} {named} already exists.")


def absent(kind: Kind, model: OperationModel, named: str) -> ServiceError:
    """Return the refusal of a name that nothing has."""
    return refusal(model, ABSENT, f"{kind.name} {named} does not exist.")


def in_use(kind: Kind, model: OperationModel, named: str, other: Kind) -> ServiceError:
    """Return the refusal to delete what others live in."""
    text = f"Unable to delete {kind.name} {named} because it still has a {other.name}."
    return refusal(model, TAKEN, text)


def refusal(model: OperationModel, code: re.Pattern[str], message: str) -> ServiceError:
    """Return a refusal with the code that the model documents for it, else a ValidationException."""
    for shape in model.error_shapes:
        if code.match(shape.name):
            status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
            return ServiceError(shape.name, message, status)
    return invalid(message)
