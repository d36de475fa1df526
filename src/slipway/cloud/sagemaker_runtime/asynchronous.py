"""InvokeEndpointAsync: a request is on disk when it is answered, and its result goes to S3."""

import base64
import time
import uuid
from typing import Any

from slipway.cloud.sagemaker_runtime import backlog, endpoint, errors
from slipway.cloud.sagemaker_runtime.accepted import accepted
from slipway.cloud.service import Call, Operation

INLINE = 128_000  # bytes of a body that comes with the request


def invoke(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Accept a request whose answer goes to S3 (InvokeEndpointAsync)."""
    of = endpoint.asynchronous(call, request["EndpointName"])
    body = request["Body"].read(INLINE)
    where = request.get("InputLocation", "")
    if bool(where) == bool(body):
        raise errors.invalid("Expected exactly one of InputLocation and Body.")
    if where and not where.startswith("s3://"):
        raise errors.invalid(
            f"The local cloud does not support InputLocation {where}: expected an s3:// URI."
        )
    number, encoded = str(uuid.uuid4()), base64.b64encode(body).decode()
    asked = accepted(request, of.config["AsyncInferenceConfig"], number, encoded, time.time())
    backlog.add(call, asked)
    return {
        "InferenceId": asked.inference_id,
        "OutputLocation": asked.output or None,
        "FailureLocation": asked.failure or None,
    }


OPERATIONS: dict[str, Operation] = {"InvokeEndpointAsync": invoke}
