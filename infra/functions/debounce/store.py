"""The state of a pipeline's windows, in one item of a table that changes only as it was read."""

import json
from typing import Any

from infra.functions.debounce.window import State, from_document, to_document


class Changed(Exception):
    """Somebody else changed the state since it was read; read it again."""


class Store:
    """The item of one pipeline."""

    def __init__(self, dynamodb: Any, table: str, pipeline: str) -> None:
        """Take a DynamoDB client, and the table whose key is `Pipeline`."""
        self._dynamodb = dynamodb
        self._table = table
        self._key = {"Pipeline": {"S": pipeline}}

    def read(self) -> tuple[State, int]:
        """Return the state and its version."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=self._key, ConsistentRead=True
        ).get("Item")
        if answer is None:
            return State(), 0
        return from_document(json.loads(answer["State"]["S"])), int(answer["Version"]["N"])

    def write(self, state: State, version: int) -> None:
        """Keep a state in place of the one of that version; Changed when that is not there any more."""
        item = self._key | {
            "State": {"S": json.dumps(to_document(state))},
            "Version": {"N": str(version + 1)},
        }
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(Version) OR Version = :read",
                ExpressionAttributeValues={":read": {"N": str(version)}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            raise Changed from error
