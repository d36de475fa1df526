"""Crawlers are kept and shown; what they would find has to be declared."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.records.kind import Document, Kind, merged
from slipway.cloud.records.operations import found, kept
from slipway.cloud.service import Call, Operation, ServiceError

NO_CRAWLER = "kept and shown; no crawler runs"
REFUSED = "The local cloud runs no crawlers: declare tables and partitions yourself."
IDLE = {"StartCrawler": "Name", "StopCrawler": "Name"} | dict.fromkeys(
    ("StartCrawlerSchedule", "StopCrawlerSchedule"), "CrawlerName"
)


def scheduled(asked: Mapping[str, Any]) -> Document:
    """Return a request with its schedule as Get shows it."""
    if "Schedule" not in asked:
        return dict(asked)
    schedule = {"ScheduleExpression": asked["Schedule"], "State": "SCHEDULED"}
    return {**asked, "Schedule": schedule}


def new(call: Call, asked: Document) -> Document:
    """Return what AWS adds to a new crawler."""
    return {
        "State": "READY",
        "Version": 1,
        "CrawlElapsedTime": 0,
        "Classifiers": [],
        "SchemaChangePolicy": {
            "UpdateBehavior": "UPDATE_IN_DATABASE",
            "DeleteBehavior": "DEPRECATE_IN_DATABASE",
        },
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    }


def changed(crawler: Document, asked: Mapping[str, Any]) -> Document:
    """Return a crawler after UpdateCrawler, one version later; its targets are replaced whole."""
    targets = {"Targets": asked["Targets"]} if "Targets" in asked else {}
    return merged(crawler, asked) | targets | {"Version": crawler["Version"] + 1}


CRAWLER = Kind(
    service="glue",
    name="Crawler",
    key=("Name",),
    arn=("CrawlerArn", "crawler/{Name}"),
    listed="GetCrawlers",
    read="Get",
    times=("CreationTime", "LastUpdated"),
    asked=scheduled,
    added=new,
    change=changed,
    invalid="InvalidInputException",
    why=NO_CRAWLER,
)


def names(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the names of all crawlers that have the given tags (ListCrawlers)."""
    wanted = (request.get("Tags") or {}).items()
    tagged = call.cloud.state.documents(call.region, "Tags")
    return {
        "CrawlerNames": [
            crawler["Name"]
            for _, crawler in kept(CRAWLER, call).all()
            if wanted <= (tagged.get(crawler["CrawlerArn"]) or {}).items()
        ]
    }


def not_run(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Refuse to run a crawler, or to turn its schedule on or off."""
    found(CRAWLER, call, {"Name": request[IDLE[call.operation]]})
    raise ServiceError("OperationTimeoutException", REFUSED)


OPERATIONS: dict[str, Operation] = {"ListCrawlers": names, **dict.fromkeys(IDLE, not_run)}
COVERAGE = {
    "ListCrawlers": Coverage(
        behaves={"Tags": "names those that have them"},
        not_honored=dict.fromkeys(("MaxResults", "NextToken"), "all are on one page"),
    ),
    **{
        name: Coverage(limited={member: "of every crawler: none runs here"})
        for name, member in IDLE.items()
    },
}
