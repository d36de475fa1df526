"""The operations of records, made from their declarations and the service's model."""

from functools import partial
from typing import Any

from botocore.model import OperationModel

from slipway.cloud import clock
from slipway.cloud.json_protocol import service_model
from slipway.cloud.records import answers
from slipway.cloud.records.kind import Document, Kind, merged
from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents


def operations(*kinds: Kind) -> dict[str, Operation]:
    """Return the operations of all kinds of a service, by name."""
    doing = {"Create": create, "Read": read, "Update": update, "List": listed}
    found: dict[str, Operation] = {}
    for kind in kinds:
        inside = tuple(each for each in kinds if each.within is kind)
        found |= {
            kind.operation(verb): partial(doing[verb], kind)
            for verb in kind.verbs()
            if verb != "Delete"
        }
        found[kind.operation("Delete")] = partial(delete, kind, inside)
    return found


def create(kind: Kind, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Store a new resource; it is ready at once."""
    model = model_of(call)
    asked = {name: value for name, value in request.items() if name != kind.tags}
    asked = kind.asked(answers.plain(asked)) | dict.fromkeys(kind.times, clock.now())
    with call.cloud.state.transaction():
        if kind.within:
            found(kind.within, call, request)
        document = merged(kind.added(call, asked), asked)
        document.setdefault(kind.arn[0], arn(kind, call, document))
        if not kept(kind, call).create(key(kind, document), document):
            raise answers.taken(kind, model, named(kind, document))
        if kind.tags:
            tags.put(call, document[kind.arn[0]], capitalized(request.get(kind.tags, [])))
    return answers.answer(model.output_shape, kind.shown(document))


def read(kind: Kind, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a resource."""
    return answers.answer(model_of(call).output_shape, kind.shown(found(kind, call, request)))


def update(kind: Kind, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change what a request names; its structures are merged with those that are there."""
    asked = {name: value for name, value in request.items() if name not in kind.key}
    with call.cloud.state.transaction():
        document = kind.change(found(kind, call, request), kind.asked(answers.plain(asked)))
        document |= {kind.times[1]: clock.now()}
        kept(kind, call).replace(key(kind, document), document)
    return answers.answer(model_of(call).output_shape, kind.shown(document))


def delete(
    kind: Kind, inside: tuple[Kind, ...], call: Call, request: dict[str, Any]
) -> dict[str, Any]:
    """Delete a resource in which nothing lives any more."""
    model = model_of(call)
    with call.cloud.state.transaction():
        document = found(kind, call, request)
        for other in inside:
            for _, each in kept(other, call).all():
                if key(kind, each) == key(kind, document):
                    raise answers.in_use(kind, model, named(kind, document), other)
        kept(kind, call).delete(key(kind, document))
        tags.forget(call, document[kind.arn[0]])
    return answers.answer(model.output_shape, kind.shown(document | dict(kind.deleted)))


def listed(kind: Kind, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of resources."""
    model = model_of(call)
    documents = [kind.shown(document) for _, document in kept(kind, call).all()]
    try:
        page, token = answers.listing(kind, model).page(documents, answers.asked(request))
    except ServiceError as error:  # a NextToken of another request
        raise ServiceError(kind.invalid, error.message) from error
    return answers.page(model.output_shape, page, token)


def found(kind: Kind, call: Call, request: dict[str, Any]) -> Document:
    """Return the resource that a request names; ServiceError when there is none."""
    document = kept(kind, call).get(key(kind, request))
    if document is None:
        raise answers.absent(kind, model_of(call), named(kind, request))
    return document


def key(kind: Kind, members: Document) -> str:
    """Return what tells one resource from all others: AWS's ARNs know no case."""
    return "/".join(members.get(name, "") for name in kind.key).lower()


def named(kind: Kind, members: Document) -> str:
    """Return how a message names a resource."""
    return " ".join(f"[{members[name]}]" for name in kind.key if name in members)


def arn(kind: Kind, call: Call, document: Document) -> str:
    """Return a resource's ARN."""
    service = service_model(kind.service).signing_name
    resource = kind.arn[1].format_map(document)
    resource = resource.lower() if service == "sagemaker" else resource
    return f"arn:aws:{service}:{call.region}:{call.cloud.account}:{resource}"


def kept(kind: Kind, call: Call) -> Documents:
    """Return the documents of a kind."""
    return call.cloud.state.documents(call.region, f"{kind.service} {kind.name}")


def capitalized(given: list[dict[str, str]] | dict[str, str]) -> tags.Tags:
    """Return tags, a list or a map, with the member names that SageMaker's have."""
    if isinstance(given, dict):
        return tags.listed(given)
    return [{name.capitalize(): text for name, text in tag.items()} for tag in given]


def model_of(call: Call) -> OperationModel:
    """Return the model of the operation that is called."""
    return service_model(call.service).operation_model(call.operation)
