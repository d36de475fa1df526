"""Processing jobs: create, describe, list, stop, delete."""

import posixpath
import time
from collections.abc import Mapping
from typing import Any

from slipway.cloud.sagemaker import jobs
from slipway.cloud.sagemaker.jobs import Document, Kind, moment
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.sagemaker.training_jobs import refuse
from slipway.cloud.service import Call, Operation
from slipway.jobs import processing

BASE = "/opt/ml/processing/"
MESSAGES = {
    "Starting": "Starting the processing job",
    "Downloading": "Downloading input data",
    "Training": "Running the processing container",
    "Uploading": "Uploading outputs",
    "Stopping": "Stopping the processing job",
    "Completed": "Processing job completed",
    "Failed": "Processing job failed",
    "Stopped": "Processing job stopped",
    "MaxRuntimeExceeded": "Processing job runtime exceeded MaxRuntimeInSeconds provided",
}


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Start a processing job."""
    check(request)
    image = jobs.image(call.cloud, request["AppSpecification"]["ImageUri"])
    name = request["ProcessingJobName"]
    arn = jobs.arn(call, "processing-job", name)
    isolated = request.get("NetworkConfig", {}).get("EnableNetworkIsolation", False)
    now = time.time()
    document: Document = {
        "Arn": arn,
        "Request": request,
        "Status": "InProgress",
        "Phase": "Starting",
        "Created": now,
        "Modified": now,
        "Transitions": [],
    }
    job = processing.plan(request, image, arn, jobs.given(call, isolated))
    jobs.create(call, KIND, job, document)
    return {"ProcessingJobArn": arn}


def check(request: Mapping[str, Any]) -> None:
    """Refuse what is wrong, or what the local cloud cannot do."""
    if not request["AppSpecification"].get("ContainerEntrypoint"):
        refuse(
            "AppSpecification.ContainerEntrypoint is missing: the local cloud has the environments "
            "of AWS's images and not their default commands"
        )
    cluster = request["ProcessingResources"]["ClusterConfig"]
    if cluster.get("InstancePreferences"):
        refuse("ClusterConfig: the local cloud knows InstanceType and InstanceCount only")
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for name, found in (("InputName", inputs), ("OutputName", outputs)):
        names = [each[name] for each in found]
        if len(set(names)) < len(names):
            refuse(f"{name}: names must be unique, found {names}")
    for each in inputs:
        if "DatasetDefinition" in each:
            refuse(f"input {each['InputName']!r}: the local cloud has no DatasetDefinition")
        source = each.get("S3Input", {})
        if source.get("S3InputMode") == "Pipe":
            refuse(f"input {each['InputName']!r}: the local cloud has no Pipe mode; use File")
        check_path(each, each["InputName"], source)
    for each in outputs:
        if "FeatureStoreOutput" in each:
            refuse(f"output {each['OutputName']!r}: the local cloud has no FeatureStoreOutput")
        check_path(each, each["OutputName"], each.get("S3Output", {}))


def check_path(each: Mapping[str, Any], name: str, where: Mapping[str, Any]) -> None:
    """Refuse a local path that is missing or lies elsewhere."""
    path = where.get("LocalPath", "")
    if each.get("AppManaged"):
        return
    if not (posixpath.normpath(path) + "/").startswith(BASE):
        refuse(f"{name!r}: expected a LocalPath that begins with {BASE}, found {path!r}")


def describe(document: Document) -> dict[str, Any]:
    """Return the members of DescribeProcessingJob."""
    request = document["Request"]
    outcome = document.get("Outcome", {})
    answer = {name: value for name, value in request.items() if name != "Tags"} | {
        "ProcessingJobArn": document["Arn"],
        "ProcessingJobStatus": document["Status"],
        "CreationTime": moment(document["Created"]),
        "LastModifiedTime": moment(document["Modified"]),
    }
    if "Prepared" in document:
        answer["ProcessingStartTime"] = moment(document["Prepared"])
    return answer | ending(document, outcome)


def ending(document: Document, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a job that has ended."""
    found: dict[str, Any] = {}
    if "Ended" in document:
        found["ProcessingEndTime"] = moment(document["Ended"])
    if outcome.get("failure"):
        found["FailureReason"] = outcome["failure"]
    if outcome.get("message"):
        found["ExitMessage"] = outcome["message"]
    return found


def summary(name: str, document: Document) -> dict[str, Any]:
    """Return the members of one entry of ListProcessingJobs."""
    return {
        "ProcessingJobName": name,
        "ProcessingJobArn": document["Arn"],
        "CreationTime": moment(document["Created"]),
        "LastModifiedTime": moment(document["Modified"]),
        "ProcessingJobStatus": document["Status"],
        **ending(document, document.get("Outcome", {})),
    }


def detail(document: Document) -> dict[str, Any]:
    """Return the detail of an event: as described, with times as epoch milliseconds."""
    described: dict[str, Any] = jobs.plain(
        describe(document), lambda at: int(at.timestamp() * 1000)
    )
    return described | {
        "Tags": {tag["Key"]: tag["Value"] for tag in document["Request"].get("Tags", [])}
    }


KIND = Kind(
    "ProcessingJob", "processing job", detail, "SageMaker Processing Job State Change", MESSAGES
)


LISTING = Listing(
    name="ProcessingJobName",
    sort={
        "Name": "ProcessingJobName",
        "CreationTime": "CreationTime",
        "Status": "ProcessingJobStatus",
    },
    equal={"StatusEquals": "ProcessingJobStatus"},
)


def describe_one(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Describe one processing job."""
    return describe(jobs.get(call, KIND, request["ProcessingJobName"]))


def list_all(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List processing jobs, the oldest first."""
    summaries = (summary(*each) for each in jobs.documents(call, KIND).all())
    page, token = LISTING.page(summaries, request)
    return {"ProcessingJobSummaries": page, "NextToken": token}


def stop(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Stop a processing job."""
    jobs.stop(call, KIND, request["ProcessingJobName"])
    return {}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a processing job that has ended."""
    jobs.delete(call, KIND, request["ProcessingJobName"])
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateProcessingJob": create,
    "DescribeProcessingJob": describe_one,
    "ListProcessingJobs": list_all,
    "StopProcessingJob": stop,
    "DeleteProcessingJob": delete,
}
