"""The operations that are alike for every kind of job."""

from collections.abc import Callable
from typing import Any

from slipway.cloud.sagemaker.jobs import documents, runs
from slipway.cloud.sagemaker.jobs.documents import Document, Kind
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation


def common(
    kind: Kind,
    listing: Listing,
    describe: Callable[[Document], dict[str, Any]],
    summary: Callable[[str, Document], dict[str, Any]],
) -> dict[str, Operation]:
    """Return Describe, List and Stop of a kind of job.

    Args:
        describe: What Describe answers of a document.
        summary: What List answers of a name and its document.
    """
    name = f"{kind.name}Name"

    def describe_one(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        return describe(documents.get(call, kind, request[name]))

    def list_all(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        summaries = (summary(*each) for each in documents.documents(call, kind).all())
        page, token = listing.page(summaries, request)
        return {f"{kind.name}Summaries": page, "NextToken": token}

    def stop(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        runs.stop(call, kind, request[name])
        return {}

    return {
        f"Describe{kind.name}": describe_one,
        f"List{kind.name}s": list_all,
        f"Stop{kind.name}": stop,
    }


def deletion(kind: Kind) -> dict[str, Operation]:
    """Return Delete of a kind of job, for jobs that have ended."""

    def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        documents.delete(call, kind, request[f"{kind.name}Name"])
        return {}

    return {f"Delete{kind.name}": delete}
