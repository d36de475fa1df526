"""Transform jobs: create, describe, list, stop; and going on with them after a restart."""

import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker import containers, hosted_models
from slipway.cloud.sagemaker.jobs import documents, operations, rules, runs
from slipway.cloud.sagemaker.jobs.documents import Document, Kind, moment
from slipway.cloud.sagemaker.jobs.transform_instances import made
from slipway.cloud.sagemaker.jobs.transform_metrics import Measured
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.hosting.transform.plan import Transform, plan
from slipway.hosting.transform.run import Run
from slipway.jobs.failure import Outcome
from slipway.jobs.run import Report
from slipway.jobs.settings import Settings

MESSAGES = {
    "Starting": "Starting the transform job",
    "Downloading": "Running the transform job",
    "Stopping": "Stopping the transform job",
    "Completed": "Transform job completed",
    "Failed": "Transform job failed",
    "Stopped": "Transform job stopped",
}
INSTANCES = 100  # as on AWS
# What AWS shows where the request does not say
INPUT = {"CompressionType": "None", "SplitType": "None"}
OUTPUT = {"AssembleWith": "None"}
PROCESSING = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Start a transform job (CreateTransformJob)."""
    check(request)
    model = hosted_models.resolved(call, request["ModelName"])
    check_model(model)
    name = request["TransformJobName"]
    arn = documents.arn(call, "transform-job", name)
    document = documents.document(KIND, arn, request) | {"Model": model}
    work = work_of(call.cloud, call.region, document)
    documents.write(call, KIND, name, document)
    runs.begin(call.cloud, call.region, KIND, name, work)
    return {"TransformJobArn": arn}


def check(request: Mapping[str, Any]) -> None:
    """Refuse what is wrong, or what the local cloud cannot do."""
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        rules.refuse(
            f"TransformInput: a transform job reads S3Prefix and ManifestFile, found {source['S3DataType']}"
        )
    if request["TransformResources"]["InstanceCount"] > INSTANCES:
        rules.refuse(f"TransformResources.InstanceCount: a job has at most {INSTANCES} instances")
    rules.check_uri("TransformInput", source["S3Uri"])
    rules.check_uri("TransformOutput", request["TransformOutput"]["S3OutputPath"])
    if capture := request.get("DataCaptureConfig"):
        rules.check_uri("DataCaptureConfig", capture["DestinationS3Uri"])
    try:
        Settings.of(os.environ)
        planned(request, 0)
    except ValueError as error:
        rules.refuse(str(error))


def planned(request: Mapping[str, Any], created: float) -> Transform:
    """Return the plan of a request; ValueError. All inferences of a job have its start as their time."""
    started = f"{moment(created):%Y-%m-%dT%H:%M:%SZ}"
    return plan(request, lambda: (str(uuid.uuid4()), started))


def check_model(model: Mapping[str, Any]) -> None:
    """Refuse a model that AWS does not take for batch transform."""
    for container in model["Containers"]:
        if container.get("Mode") == "MultiModel":
            rules.refuse(f"{model['ModelName']} is a multi-model, which no transform job can use")
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        if source.get("CompressionType") == "None":
            rules.refuse(
                f"the model data of {model['ModelName']} is not packed, which no transform job can "
                "use; pack it as a tar.gz"
            )


def work_of(cloud: Cloud, region: str, document: Document) -> Measured:
    """Return what runs a job.

    Raises:
        ServiceError: Nothing stands for an image of its model.
    """
    transform = planned(document["Request"], document["Created"])
    where = documents.folder(cloud, region, KIND.name, transform.name)
    instances = made(cloud, region, document, where)
    data_logs = [each.log.with_suffix("") / "data-log.log" for each in instances]
    models = [each.instance for each in instances]
    store = containers.objects_of_model(cloud, region, document["Model"])
    run = Run(transform, models, data_logs, where / "work", store)
    return Measured(run, cloud, region, transform.name, models)


def describe(document: Document) -> dict[str, Any]:
    """Return the members of DescribeTransformJob."""
    request = document["Request"]
    shown = {name: value for name, value in request.items() if name != "Tags"}
    shown["TransformInput"] = INPUT | request["TransformInput"]
    shown["TransformOutput"] = OUTPUT | request["TransformOutput"]
    shown["DataProcessing"] = PROCESSING | request.get("DataProcessing", {})
    shown |= {
        "TransformJobArn": document["Arn"],
        "TransformJobStatus": document["Status"],
        "CreationTime": moment(document["Created"]),
    }
    if "Prepared" in document:
        shown["TransformStartTime"] = moment(document["Prepared"])
    return shown | ending(document)


def ending(document: Document) -> dict[str, Any]:
    """Return what is said of a job that has ended."""
    found: dict[str, Any] = {}
    if "Ended" in document:
        found["TransformEndTime"] = moment(document["Ended"])
    if reason := document.get("Outcome", {}).get("failure"):
        found["FailureReason"] = reason
    return found


def summary(name: str, document: Document) -> dict[str, Any]:
    """Return the members of one entry of ListTransformJobs."""
    return {
        "TransformJobName": name,
        "TransformJobArn": document["Arn"],
        "CreationTime": moment(document["Created"]),
        "LastModifiedTime": moment(document["Modified"]),
        "TransformJobStatus": document["Status"],
        **ending(document),
    }


def detail(document: Document) -> dict[str, Any]:
    """Return the detail of an event: as described, with times as ISO text and tags as a map."""
    return documents.detail(document, describe(document), datetime.isoformat)


KIND = Kind(
    "TransformJob", "transform job", detail, "SageMaker Transform Job State Change", MESSAGES
)
LISTING = Listing(
    name="TransformJobName",
    sort={
        "Name": "TransformJobName",
        "CreationTime": "CreationTime",
        "Status": "TransformJobStatus",
    },
    order="Descending",
    equal={"StatusEquals": "TransformJobStatus"},
)


class Lost:
    """A job that cannot go on."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def execute(self, report: Report) -> Outcome:
        """Return why."""
        return Outcome("Failed", failure=f"ClientError: {self._reason}")

    def stop(self) -> None:
        """Do nothing: it runs no longer."""

    kill = stop


def take_up(cloud: Cloud) -> None:
    """Go on with the jobs that ran when the last process ended."""
    for region in cloud.state.regions(documents.RUNNING):
        for key, _ in cloud.state.documents(region, documents.RUNNING).all():
            kind, _, name = key.partition("/")
            document = cloud.state.documents(region, kind).get(name)
            if kind != KIND.name or document is None:
                continue
            try:
                runs.begin(cloud, region, KIND, name, work_of(cloud, region, document))
            except (ServiceError, ValueError) as error:
                runs.begin(cloud, region, KIND, name, Lost(str(error)))


OPERATIONS: dict[str, Operation] = {
    "CreateTransformJob": create,
    **operations.common(KIND, LISTING, describe, summary),
}
