"""Query definitions of Logs Insights: the text of queries, kept by id. Nothing runs them."""

import uuid
from typing import Any

from slipway.cloud import clock
from slipway.cloud.coverage import Coverage
from slipway.cloud.logs.pages import paged
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents

MEMBERS = ("name", "queryString", "queryLanguage", "logGroupNames", "parameters")
MOST = 1000  # definitions in an answer


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a query, or put another in its place (PutQueryDefinition)."""
    own = {name: request[name] for name in MEMBERS if name in request}
    own = {"queryLanguage": "CWLI", **own, "lastModified": int(1000 * clock.now())}
    kept = definitions(call)
    with call.cloud.state.transaction():
        if id_ := request.get("queryDefinitionId"):
            if kept.get(id_) is None:
                raise absent()
            kept.replace(id_, {**own, "queryDefinitionId": id_})
        else:
            token = request.get("clientToken") or str(uuid.uuid4())
            id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.region}/{token}"))
            kept.create(id_, {**own, "queryDefinitionId": id_})
    return {"queryDefinitionId": id_}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the queries (DescribeQueryDefinitions)."""
    prefix = request.get("queryDefinitionNamePrefix", "")
    language = request.get("queryLanguage")
    found = [
        query
        for _, query in definitions(call).all()
        if query["name"].startswith(prefix) and language in (None, query["queryLanguage"])
    ]
    limit = request.get("maxResults", MOST)
    return paged("queryDefinitions", "queryDefinitionId", found, {**request, "limit": limit})


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a query (DeleteQueryDefinition)."""
    if not definitions(call).delete(request["queryDefinitionId"]):
        raise absent()
    return {"success": True}


def absent() -> ServiceError:
    """Return the refusal of an id that nobody has."""
    return ServiceError(
        "ResourceNotFoundException", "The specified query definition does not exist."
    )


def definitions(call: Call) -> Documents:
    """Return the query definitions by id."""
    return call.cloud.state.documents(call.region, "logs QueryDefinition")


OPERATIONS: dict[str, Operation] = {
    "DeleteQueryDefinition": delete,
    "DescribeQueryDefinitions": describe,
    "PutQueryDefinition": put,
}
SHOWN = "shown by DescribeQueryDefinitions"
COVERAGE = {
    "PutQueryDefinition": Coverage(
        behaves={
            "clientToken": "the same makes no second query",
            "queryDefinitionId": "the query whose place is taken",
            "logGroupNames": SHOWN,
            "parameters": SHOWN,
            "queryLanguage": SHOWN,
        }
    ),
    "DescribeQueryDefinitions": Coverage(
        behaves={
            "maxResults": "the most that an answer holds",
            "queryDefinitionNamePrefix": "queries that begin with it",
            "queryLanguage": "queries in it",
        }
    ),
}
