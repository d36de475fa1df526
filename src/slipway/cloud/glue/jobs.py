"""Jobs are the ground's records; none runs."""

from typing import Any

from slipway.cloud import inside
from slipway.cloud.coverage import Coverage
from slipway.cloud.service import Call, Operation, ServiceError


def not_run(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Refuse to run a job (StartJobRun)."""
    glue = inside.client(call.cloud.ground, "glue", call.region)
    try:
        job = glue.get_job(JobName=request["JobName"])["Job"]
    except glue.exceptions.EntityNotFoundException as error:
        raise ServiceError("EntityNotFoundException", str(error)) from error
    script = job["Command"].get("ScriptLocation", "its script")
    raise ServiceError(
        "InvalidInputException",
        f"The local cloud runs no Glue jobs: run {script} as a SageMaker processing job with Spark.",
    )


OPERATIONS: dict[str, Operation] = {"StartJobRun": not_run}
COVERAGE = {
    "StartJobRun": Coverage(limited={"JobName": "of every job: none runs here"}),
}
