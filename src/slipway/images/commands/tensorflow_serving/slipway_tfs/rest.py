"""TensorFlow Serving's REST API over the models in memory, without its HTTP server."""

import json
import re
from typing import Any

from front import Reply, Request
from google.protobuf.json_format import MessageToDict

from slipway_tfs import examples, tensors
from slipway_tfs.failure import Refused
from slipway_tfs.servable import Servable, Servables

PATH = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d+))?"
    r"(?:(?P<metadata>/metadata)|:(?P<method>predict|classify|regress))?"
)
JSON = {"Content-Type": "application/json"}


class RestApi:
    """The API; `ask` is the way in for whoever is in this process."""

    def __init__(self, servables: Servables) -> None:
        self._servables = servables

    def answer(self, request: Request) -> Reply:
        """Answer a request that came by HTTP."""
        status, body = self.ask(request.method, request.path, request.body)
        return Reply(status, body, JSON)

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Return the status and the JSON document of an answer; refusals are documents too."""
        try:
            return 200, json.dumps(self._ask(method, path, body)).encode()
        except Refused as refused:
            return refused.status, json.dumps({"error": str(refused)}).encode()

    def _ask(self, method: str, path: str, body: bytes) -> Any:
        found = PATH.fullmatch(path)
        if not found or method != ("POST" if found["method"] else "GET"):
            raise Refused(f"Malformed request: {method} {path}")
        version = int(found["version"]) if found["version"] else None
        servables = self._servables.versions(found["name"], version)
        if found["method"]:
            return run(servables[0], found["method"], body)
        if found["metadata"]:
            return metadata(servables[0])
        return {"model_version_status": [_status(each) for each in servables]}


def run(servable: Servable, method: str, body: bytes) -> Any:
    """Return the document of a prediction."""
    try:
        content = json.loads(body)
    except ValueError as error:
        raise Refused(f"JSON Parse error: {error}") from error
    if not isinstance(content, dict):
        raise Refused("JSON Parse error: Request body must be an object")
    signature = servable.signature(content.get("signature_name", ""))
    if method != "predict":
        return {"results": examples.ask(servable, signature, method, content)}
    if "instances" in content and "inputs" in content:
        raise Refused("Not formatted correctly: found both 'instances' and 'inputs'")
    if "instances" in content:
        arrays = tensors.from_rows(content["instances"], signature.inputs)
        return {"predictions": tensors.to_rows(servable.run(signature, arrays))}
    if "inputs" in content:
        arrays = tensors.from_columns(content["inputs"], signature.inputs)
        return {"outputs": tensors.to_columns(servable.run(signature, arrays))}
    raise Refused("Missing 'inputs' or 'instances' key")


def metadata(servable: Servable) -> Any:
    """Return the signatures of a model's version."""
    definitions = {
        name: MessageToDict(each, preserving_proto_field_name=True)
        for name, each in servable.definitions.items()
    }
    return {
        "model_spec": {
            "name": servable.name,
            "signature_name": "",
            "version": str(servable.version),
        },
        "metadata": {"signature_def": {"signature_def": definitions}},
    }


def _status(servable: Servable) -> Any:
    status = {"error_code": "OK", "error_message": ""}
    return {"version": str(servable.version), "state": "AVAILABLE", "status": status}
