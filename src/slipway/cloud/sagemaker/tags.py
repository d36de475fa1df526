"""The tags of every SageMaker resource that Slipway owns, in one place, by ARN.

A resource calls `put` when it is made (with no tags, too: it makes the ARN taggable) and `forget`
when it goes.
"""

from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents

LIMIT = 50  # tags a resource may have
TAGS = Listing(name="Key", sort={"Key": "Key"}, sort_by="Key")

Tags = list[dict[str, str]]  # [{"Key": …, "Value": …}]


def put(call: Call, arn: str, tags: Iterable[dict[str, str]] | None = None) -> None:
    """Store the tags of a new resource; call it in the transaction that stores the resource.

    Raises:
        ServiceError: As `checked`.
    """
    with call.cloud.state.transaction():
        forget(call, arn)
        kept(call).create(arn, checked(tags or []))


def of(call: Call, arn: str) -> Tags:
    """Return the tags of a resource of Slipway's; none when the ARN is unknown."""
    return listed(kept(call).get(arn) or {})


def forget(call: Call, arn: str) -> None:
    """Drop the tags of a resource that is deleted."""
    kept(call).delete(arn)


def checked(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return tags by key.

    Raises:
        ServiceError: A key comes twice, is AWS's own, or there are too many.
    """
    by_key: dict[str, str] = {}
    for tag in tags:
        if tag["Key"] in by_key:
            raise ServiceError("ValidationException", f"Duplicate tag key: {tag['Key']}")
        if tag["Key"].lower().startswith("aws:"):
            text = "aws: prefixed tag key names are not allowed for external use."
            raise ServiceError("ValidationException", text)
        by_key[tag["Key"]] = tag["Value"]
    return within_limit(by_key)


def within_limit(by_key: dict[str, str]) -> dict[str, str]:
    """Return the tags; ServiceError when a resource cannot have so many."""
    if len(by_key) > LIMIT:
        text = f"A resource can have at most {LIMIT} tags; this would be {len(by_key)}."
        raise ServiceError("ValidationException", text)
    return by_key


def kept(call: Call) -> Documents:
    """Return the documents of tags, by ARN."""
    return call.cloud.state.documents(call.region, "Tags")


def listed(by_key: dict[str, str]) -> Tags:
    """Return tags in the form of the API."""
    return [{"Key": key, "Value": value} for key, value in by_key.items()]


def add(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags (AddTags)."""
    new = checked(request["Tags"])
    if change(call, request["ResourceArn"], lambda old: within_limit(old | new)):
        return {"Tags": of(call, request["ResourceArn"])}
    return of_the_ground(call, request)


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are no error (DeleteTags)."""
    gone = set(request["TagKeys"])
    if change(call, request["ResourceArn"], lambda old: {k: old[k] for k in old if k not in gone}):
        return {}
    return of_the_ground(call, request)


def change(call: Call, arn: str, to: Callable[[dict[str, str]], dict[str, str]]) -> bool:
    """Replace the tags of a resource; return False when it is not Slipway's."""
    with call.cloud.state.transaction():
        old = kept(call).get(arn)
        if old is not None:
            kept(call).replace(arn, to(old))
        return old is not None


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a resource's tags (ListTags)."""
    found = kept(call).get(request["ResourceArn"])
    if found is None:
        return of_the_ground(call, request)
    page, token = TAGS.page(listed(found), {"MaxResults": LIMIT, **request})
    return {"Tags": page, "NextToken": token}


def of_the_ground(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let the ground answer for a resource that is not Slipway's."""
    client = inside.client(call.cloud.ground, call.service, call.region)
    try:
        answer: dict[str, Any] = client._make_api_call(call.operation, request)
    except ClientError as error:
        found = error.response["Error"]
        if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            raise ServiceError(found["Code"], found["Message"]) from error
        text = f"Could not find a resource with the ARN {request['ResourceArn']}."
        raise ServiceError("ValidationException", text) from error
    del answer["ResponseMetadata"]
    return answer


OPERATIONS: dict[str, Operation] = {"AddTags": add, "ListTags": show, "DeleteTags": remove}
