"""Pipelines: a definition with its versions, under one name."""

import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud.api import client
from slipway.cloud.identity import user_context
from slipway.cloud.json_protocol import service_model
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.pipelines.documents import arn_of, documents, found
from slipway.cloud.sagemaker.pipelines.engine import store
from slipway.cloud.sagemaker.pipelines.versions import (
    Version,
    checked_aliases,
    chosen_version,
    versions,
)
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.definition.check import check as check_definition
from slipway.definition.errors import DefinitionError

PIPELINES = Listing(
    name="PipelineName",
    sort={"Name": "PipelineName", "CreationTime": "CreationTime"},
    order="Descending",
    since={"CreatedAfter": "CreationTime"},
    before={"CreatedBefore": "CreationTime"},
    prefix="PipelineNamePrefix",
)
# Members of the document that describe and list show as they are
SHOWN = ("PipelineArn", "PipelineName", "PipelineDisplayName", "PipelineDescription", "RoleArn")
WHO = ("CreatedBy", "LastModifiedBy")
TIMES = ("CreationTime", "LastModifiedTime", "LastRunTime")


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a pipeline with its first version (CreatePipeline)."""
    name, token = request["PipelineName"], request["ClientRequestToken"]
    earlier = documents(call).get(name.lower())
    if earlier:
        if earlier["Token"] == token:
            return {"PipelineArn": earlier["PipelineArn"]}
        raise ServiceError(
            "ValidationException",
            "Pipeline names must be unique within an AWS account and region. Pipeline with name "
            f"({name}) already exists.",
        )
    text = definition_text(call, request)
    check(text)
    now = time.time()
    arn = arn_of(call, name)
    members = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")
    pipeline = {
        "PipelineArn": arn,
        "PipelineName": name,
        "PipelineDisplayName": name,
        **{member: request[member] for member in members if member in request},
        "CreationTime": now,
        "LastModifiedTime": now,
        **dict.fromkeys(WHO, user_context(call)),
        "Token": token,
    }
    with call.cloud.state.transaction():
        if not documents(call).create(name.lower(), pipeline):
            raise ServiceError("ConflictException", f"Pipeline {name} is being created.")
        aliases = checked_aliases(request.get("PipelineVersionAliases", []), ())
        versions(call).add(name, Version(1, now, text, aliases=aliases))
        tags.put(call, arn, request.get("Tags"))
    return {"PipelineArn": arn}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a pipeline; a new definition makes a new version (UpdatePipeline)."""
    pipeline = found(call, request["PipelineName"])
    name = pipeline["PipelineName"]
    given = "PipelineDefinition" in request or "PipelineDefinitionS3Location" in request
    text = definition_text(call, request) if given else None
    if text is not None:
        check(text)
    members = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")
    changed = {member: request[member] for member in members if member in request}
    changed["LastModifiedBy"] = user_context(call)
    now = time.time()
    with call.cloud.state.transaction():
        pipeline = found(call, name)
        kept = versions(call)
        newest = kept.newest(name)
        number = newest.number
        wanted = request.get("PipelineVersionAliases", [])
        if text is not None and not newest.same_definition(text):
            number += 1
            aliases = checked_aliases(wanted, kept.all(name))
            kept.add(name, Version(number, now, text, aliases=aliases))
        elif wanted:
            raise ServiceError(
                "ValidationException",
                "PipelineVersionAliases name a new version, but the definition has not changed. Use "
                f"UpdatePipelineVersion to name version {number}.",
            )
        documents(call).replace(name.lower(), {**pipeline, **changed, "LastModifiedTime": now})
    return {"PipelineArn": pipeline["PipelineArn"], "PipelineVersionId": number}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a pipeline with its executions (DeletePipeline)."""
    pipeline = found(call, request["PipelineName"])
    name = pipeline["PipelineName"]
    executions = store(call.cloud)
    with call.cloud.state.transaction():
        for execution in executions.of_pipeline(call.region, name):
            if execution["Status"] in ("Executing", "Stopping"):
                raise ServiceError(
                    "ConflictException",
                    f"Pipeline {name} has an execution that is {execution['Status']}: "
                    f"{execution['Arn']}. Stop it, or wait for its end.",
                )
        executions.forget(call.region, name)
        versions(call).forget(name)
        documents(call).delete(name.lower())
        tags.forget(call, pipeline["PipelineArn"])
    return {"PipelineArn": pipeline["PipelineArn"]}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a pipeline with one version of its definition (DescribePipeline)."""
    pipeline = found(call, request["PipelineName"])
    version = chosen_version(call, pipeline["PipelineName"], request)
    return {
        **{member: pipeline[member] for member in (*SHOWN, *WHO) if member in pipeline},
        **{member: moment(pipeline[member]) for member in TIMES if member in pipeline},
        "ParallelismConfiguration": pipeline.get("ParallelismConfiguration"),
        **version.shown(),
        "PipelineDefinition": version.definition,
        "PipelineStatus": "Active",
    }


def list_pipelines(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the pipelines in the region (ListPipelines)."""
    all_of_them = [pipeline for _, pipeline in documents(call).all()]
    if request.get("ManagedBy") == "AWS":
        all_of_them = []  # AWS keeps pipelines of its own in an account; there are none here
    page, token = PIPELINES.page(all_of_them, request)
    return {"PipelineSummaries": [summary(pipeline) for pipeline in page], "NextToken": token}


def summary(pipeline: Any) -> dict[str, Any]:
    """Return what ListPipelines shows of a pipeline."""
    times = {
        "CreationTime": "CreationTime",
        "LastModifiedTime": "LastModifiedTime",
        "LastExecutionTime": "LastRunTime",
    }
    return {
        **{member: pipeline[member] for member in SHOWN if member in pipeline},
        **{name: moment(pipeline[kept]) for name, kept in times.items() if kept in pipeline},
    }


def definition_text(call: Call, request: dict[str, Any]) -> str:
    """Return the definition in a request, from S3 if it is there; ServiceError."""
    location = request.get("PipelineDefinitionS3Location")
    if ("PipelineDefinition" in request) == (location is not None):
        raise ServiceError(
            "ValidationException",
            "expected exactly one of PipelineDefinition and PipelineDefinitionS3Location",
        )
    if location is None:
        return str(request["PipelineDefinition"])
    where = {"Bucket": location["Bucket"], "Key": location["ObjectKey"]}
    if "VersionId" in location:
        where["VersionId"] = location["VersionId"]
    try:
        body = client(call.cloud, "s3", call.region).get_object(**where)["Body"].read()
        return str(body.decode())
    except (ClientError, BotoCoreError, UnicodeDecodeError) as error:
        uri = f"s3://{location['Bucket']}/{location['ObjectKey']}"
        message = f"Unable to read the pipeline definition at {uri}: {error}"
        raise ServiceError("ValidationException", message) from error


def check(text: str) -> None:
    """Raise ServiceError with every fault for which SageMaker refuses a definition."""
    try:
        check_definition(text, service_model("sagemaker").operation_model)
    except DefinitionError as error:
        raise ServiceError("ValidationException", str(error)) from error


OPERATIONS: dict[str, Operation] = {
    "CreatePipeline": create,
    "UpdatePipeline": update,
    "DeletePipeline": delete,
    "DescribePipeline": describe,
    "ListPipelines": list_pipelines,
}
