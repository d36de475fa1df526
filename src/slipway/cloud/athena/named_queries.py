"""Named queries: the text of queries, kept by work group."""

import uuid
from typing import Any

from slipway.cloud import clock, inside
from slipway.cloud.coverage import Coverage
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents

SHOWN = ("NamedQueryId", "Name", "Database", "QueryString", "Description", "WorkGroup")
LISTING = Listing(name="NamedQueryId", sort={"": "Created"}, sort_by="", unique="NamedQueryId")
PAGE = 50  # ids, where the caller names no number


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a query; the same request token makes no second one (CreateNamedQuery)."""
    group = request.get("WorkGroup", "primary")
    check(call, group)
    token = request.get("ClientRequestToken") or str(uuid.uuid4())
    id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.region}/{token}"))
    query = {name: request[name] for name in SHOWN if name in request}
    made = {"NamedQueryId": id_, "WorkGroup": group, "Created": clock.now()}
    queries(call).create(id_, query | made)
    return {"NamedQueryId": id_}


def check(call: Call, group: str) -> None:
    """Refuse a work group that is not there."""
    ground = inside.client(call.cloud.ground, "athena", call.region)
    if group not in [each["Name"] for each in ground.list_work_groups()["WorkGroups"]]:
        raise ServiceError("InvalidRequestException", f"WorkGroup {group} is not found.")


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a query (GetNamedQuery)."""
    return {"NamedQuery": shown(found(call, request["NamedQueryId"]))}


def get_several(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return queries, and the ids that nobody has (BatchGetNamedQuery)."""
    asked = {id_: queries(call).get(id_) for id_ in request["NamedQueryIds"]}
    return {
        "NamedQueries": [shown(query) for query in asked.values() if query],
        "UnprocessedNamedQueryIds": [
            {"NamedQueryId": id_, "ErrorCode": "NAMED_QUERY_NOT_FOUND", "ErrorMessage": absent(id_)}
            for id_, query in asked.items()
            if not query
        ],
    }


def listed(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a work group's queries (ListNamedQueries)."""
    group = request.get("WorkGroup", "primary")
    check(call, group)
    try:
        page, token = LISTING.page(of_group(call, group), {"MaxResults": PAGE, **request})
    except ServiceError as error:
        raise ServiceError("InvalidRequestException", error.message) from error
    return {"NamedQueryIds": [query["NamedQueryId"] for query in page], "NextToken": token}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a query (UpdateNamedQuery)."""
    with call.cloud.state.transaction():
        query = found(call, request["NamedQueryId"])
        queries(call).replace(request["NamedQueryId"], query | request)
    return {}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a query, if it is there (DeleteNamedQuery)."""
    queries(call).delete(request["NamedQueryId"])
    return {}


def delete_group(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a work group, with its queries only where that is asked for (DeleteWorkGroup)."""
    there = of_group(call, request["WorkGroup"])
    if there and not request.get("RecursiveDeleteOption"):
        text = f"WorkGroup {request['WorkGroup']} is not empty."
        raise ServiceError("InvalidRequestException", text)
    answer = inside.pass_on(call, request)
    for query in there:
        queries(call).delete(query["NamedQueryId"])
    return answer


def of_group(call: Call, group: str) -> list[dict[str, Any]]:
    """Return the queries of a work group."""
    return [query for _, query in queries(call).all() if query["WorkGroup"] == group]


def found(call: Call, id_: str) -> dict[str, Any]:
    """Return the query of an id; ServiceError when there is none."""
    query = queries(call).get(id_)
    if query is None:
        raise ServiceError("InvalidRequestException", absent(id_))
    return query


def absent(id_: str) -> str:
    """Return what is said of an id that nobody has."""
    return f"NamedQuery {id_} does not exist."


def shown(query: dict[str, Any]) -> dict[str, Any]:
    """Return a query as the API shows it."""
    return {name: query[name] for name in SHOWN if name in query}


def queries(call: Call) -> Documents:
    """Return the named queries by id."""
    return call.cloud.state.documents(call.region, "athena NamedQuery")


OPERATIONS: dict[str, Operation] = {
    "CreateNamedQuery": create,
    "GetNamedQuery": get,
    "BatchGetNamedQuery": get_several,
    "ListNamedQueries": listed,
    "UpdateNamedQuery": update,
    "DeleteNamedQuery": delete,
    "DeleteWorkGroup": delete_group,
}
SHOWN_BY_GET = "shown by GetNamedQuery"
COVERAGE = {
    "CreateNamedQuery": Coverage(
        behaves={
            "ClientRequestToken": "the same makes no second query",
            "Description": SHOWN_BY_GET,
            "WorkGroup": SHOWN_BY_GET,
        }
    ),
    "UpdateNamedQuery": Coverage(behaves={"Description": SHOWN_BY_GET}),
    "ListNamedQueries": Coverage(behaves={"WorkGroup": "lists its queries"}),
    "DeleteWorkGroup": Coverage(behaves={"RecursiveDeleteOption": "deletes its named queries"}),
}
