"""How many invocations of a function may run at once, and what the account may have."""

from typing import Any

from slipway.cloud.awslambda.errors import invalid
from slipway.cloud.awslambda.names import LATEST, named
from slipway.cloud.awslambda.store import changing, documents, find
from slipway.cloud.service import Call, Operation

AT_ONCE = 1000  # invocations of an account in a region
UNRESERVED = 100  # of them that no function may have for itself


def put_function_concurrency(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Reserve concurrency for a function, which then has no more (PutFunctionConcurrency)."""
    target, asked = named(call, request["FunctionName"]), request["ReservedConcurrentExecutions"]
    with changing(call, target) as document:
        others = reserved(call) - (document["Reserved"] or 0)
        if AT_ONCE - others - asked < UNRESERVED:
            raise invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]."
            )
        document["Reserved"] = asked
    return {"ReservedConcurrentExecutions": asked}


def reserved(call: Call) -> int:
    """Return how much is reserved by all functions of the region."""
    return sum(document["Reserved"] or 0 for _, document in documents(call).all())


def get_function_concurrency(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return what is reserved for a function, if anything (GetFunctionConcurrency)."""
    found = find(call, named(call, request["FunctionName"]))["Reserved"]
    return {} if found is None else {"ReservedConcurrentExecutions": found}


def delete_function_concurrency(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Reserve nothing for a function (DeleteFunctionConcurrency)."""
    with changing(call, named(call, request["FunctionName"])) as document:
        document["Reserved"] = None
    return {}


def get_account_settings(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the account's limits and what it has of them (GetAccountSettings)."""
    found = [document for _, document in documents(call).all()]
    sizes = {c["Digest"]: c["CodeSize"] for d in found for c in d["Versions"].values()}
    return {
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": AT_ONCE,
            "UnreservedConcurrentExecutions": AT_ONCE - reserved(call),
        },
        "AccountUsage": {
            "TotalCodeSize": sum(sizes.values()),
            "FunctionCount": sum(LATEST in document["Versions"] for document in found),
        },
    }


OPERATIONS: dict[str, Operation] = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "GetAccountSettings": get_account_settings,
}
