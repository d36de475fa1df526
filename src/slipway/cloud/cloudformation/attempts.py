"""What an attempt to make a resource has left, so that the next one with the same token finds it."""

from typing import Any

from slipway.cloud.cloudformation.resource import Asked

KIND = "cloudformation-attempt"


def begin(asked: Asked) -> dict[str, Any] | None:
    """Write down that an attempt begins; return what an earlier one with the same token wrote."""
    documents = asked.cloud.state.documents(asked.region, KIND)
    with asked.cloud.state.transaction():
        before = documents.get(key(asked))
        if before and before["token"] == asked.token:
            return before
        if before:
            earlier = [one for one in (*before["earlier"], before["id"]) if one]
            documents.replace(key(asked), {"token": asked.token, "id": "", "earlier": earlier})
        else:
            documents.create(key(asked), {"token": asked.token, "id": "", "earlier": []})
    return None


def made(asked: Asked, physical_id: str) -> None:
    """Write down what the attempt has made."""
    documents = asked.cloud.state.documents(asked.region, KIND)
    with asked.cloud.state.transaction():
        if (found := documents.get(key(asked))) and found["id"] != physical_id:
            documents.replace(key(asked), found | {"id": physical_id})


def earlier(asked: Asked) -> list[str]:
    """Return what was made for the same logical id with other tokens: not this attempt's."""
    found = asked.cloud.state.documents(asked.region, KIND).get(key(asked))
    return found["earlier"] if found else []


def forget(asked: Asked, physical_id: str) -> None:
    """Forget a resource that is gone."""
    documents = asked.cloud.state.documents(asked.region, KIND)
    with asked.cloud.state.transaction():
        if not (found := documents.get(key(asked))):
            return
        left = [one for one in found["earlier"] if one != physical_id]
        if found["id"] == physical_id and not left:
            documents.delete(key(asked))
        else:
            documents.replace(key(asked), found | {"earlier": left})


def key(asked: Asked) -> str:
    """Return the name of a resource's document."""
    return f"{asked.stack}/{asked.logical_id}"
