"""AWS::StepFunctions: state machines."""

import json
import re
from typing import Any

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.members import text
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Properties

DEFINITIONS = ("Definition", "DefinitionString", "DefinitionS3Location")


def machine(asked: Asked) -> Properties:
    """Return a state machine's properties as the API has them: one text that defines it."""
    given = dict(asked.properties)
    found = [given.pop(name) for name in DEFINITIONS if name in given]
    substitutions = given.pop("DefinitionSubstitutions", None) or {}
    if len(found) != 1:
        raise Failed(f"#: expected exactly one of {', '.join(DEFINITIONS)}, found {len(found)}")
    (definition,) = found
    if "DefinitionS3Location" in asked.properties:
        definition = read(asked, definition)
    written = text(definition)
    for name, value in substitutions.items():
        escaped = json.dumps(text(value))[1:-1]
        written = re.sub(re.escape(f"${{{name}}}"), lambda _, by=escaped: by, written)  # type: ignore[misc]
    return {**given, "definition": written}


def read(asked: Asked, location: dict[str, str]) -> str:
    """Return the definition that lies in S3."""
    which = {"Bucket": location["Bucket"], "Key": location["Key"]}
    if version := location.get("Version"):
        which["VersionId"] = version
    body: Any = asked.client("s3").get_object(**which)["Body"]
    return str(body.read().decode())


ALL = (
    Declared(
        "AWS::StepFunctions::StateMachine",
        "stepfunctions",
        create="CreateStateMachine",
        update="UpdateStateMachine",
        delete="DeleteStateMachine",
        read="DescribeStateMachine",
        named="StateMachineName",
        longest=80,
        ref="stateMachineArn",
        keys={"stateMachineArn": "@"},
        renamed={"StateMachineName": "name", "StateMachineType": "type"},
        attributes={
            "Arn": "stateMachineArn",
            "Name": "name",
            "StateMachineRevisionId": "revisionId || 'INITIAL'",
        },
        form=machine,
        hooked=frozenset({*DEFINITIONS, "DefinitionSubstitutions"}),
        tagging=("TagResource", "UntagResource", {"resourceArn": "@"}),
        refused={"EncryptionConfiguration": "nothing encrypts the data of executions"},
        replacing=frozenset({"StateMachineName", "StateMachineType"}),
        note="kept and shown; its executions do no work",
    ),
)
TYPES = by_name(*ALL)
