"""Processing jobs: create, describe, list, stop, delete."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.sagemaker import containers
from slipway.cloud.sagemaker.jobs import documents, operations, rules, runs
from slipway.cloud.sagemaker.jobs.documents import Document, Kind, moment
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation
from slipway.jobs import processing
from slipway.jobs.job import Image
from slipway.jobs.workspace import ROOT

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
    image = containers.image(call.cloud, request["AppSpecification"]["ImageUri"])
    check(request, image)
    name = request["ProcessingJobName"]
    arn = documents.arn(call, "processing-job", name)
    network = request.get("NetworkConfig", {})
    given = containers.given(
        call.cloud,
        call.region,
        request["RoleArn"],
        network.get("EnableNetworkIsolation", False),
        network.get("VpcConfig"),
    )
    job = processing.plan(request, image, arn, given)
    runs.create(call, KIND, job, documents.document(KIND, arn, request))
    return {"ProcessingJobArn": arn}


def check(request: Mapping[str, Any], image: Image) -> None:
    """Refuse what is wrong, or what the local cloud cannot do."""
    if not (request["AppSpecification"].get("ContainerEntrypoint") or image.entrypoint):
        rules.refuse(
            "AppSpecification.ContainerEntrypoint is missing: the local cloud has the environments "
            "of AWS's images and not their default commands"
        )
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for member, name, data in (
        (inputs, "InputName", "S3Input"),
        (outputs, "OutputName", "S3Output"),
    ):
        rules.check_unique(name, [each[name] for each in member])
        for each in member:
            check_data(each, f"{name} {each[name]!r}", data)


def check_data(each: Mapping[str, Any], name: str, data: str) -> None:
    """Refuse an input or output that is not there, or lies where the job cannot have it."""
    if each.get("AppManaged"):
        return
    where = each.get(data)
    if where is None:
        rules.refuse(f"{name}: {data} is missing")
    if where.get("S3InputMode") == "Pipe":
        rules.refuse(f"{name}: the local cloud has no Pipe mode; use File")
    rules.check_uri(name, where["S3Uri"])
    rules.check_path(name, where.get("LocalPath", ""), f"{ROOT}/processing")


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
    return documents.detail(document, describe(document), lambda at: int(at.timestamp() * 1000))


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


OPERATIONS: dict[str, Operation] = {
    "CreateProcessingJob": create,
    **operations.common(KIND, LISTING, describe, summary),
    **operations.deletion(KIND),
}
