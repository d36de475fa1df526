"""Training jobs: create, describe, list, stop, update, delete."""

import math
import re
import time
from collections.abc import Mapping
from typing import Any

from slipway.cloud.sagemaker import containers
from slipway.cloud.sagemaker.jobs import documents, operations, rules, runs
from slipway.cloud.sagemaker.jobs.documents import Document, Kind, moment
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation
from slipway.jobs import training
from slipway.jobs.workspace import ROOT

MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Start a training job."""
    check(request)
    image = containers.image(call.cloud, request["AlgorithmSpecification"]["TrainingImage"])
    name = request["TrainingJobName"]
    arn = documents.arn(call, "training-job", name)
    isolated = request.get("EnableNetworkIsolation", False)
    network = request.get("VpcConfig")
    given = containers.given(call.cloud, call.region, request["RoleArn"], isolated, network)
    job = training.plan(request, image, arn, given)
    runs.create(call, KIND, job, documents.document(KIND, arn, request))
    return {"TrainingJobArn": arn}


def check(request: Mapping[str, Any]) -> None:
    """Refuse what is wrong, or what the local cloud cannot do."""
    algorithm = request.get("AlgorithmSpecification", {})
    if "TrainingImage" not in algorithm:
        rules.refuse("AlgorithmSpecification.TrainingImage is missing")
    if not request.get("ResourceConfig", {}).get("InstanceCount"):
        rules.refuse("ResourceConfig.InstanceCount is missing")
    channels = request.get("InputDataConfig", [])
    rules.check_unique("InputDataConfig", [channel["ChannelName"] for channel in channels])
    for channel in channels:
        check_channel(channel, channel.get("InputMode", algorithm["TrainingInputMode"]))
    rules.check_uri("OutputDataConfig", request["OutputDataConfig"]["S3OutputPath"])
    for member, uri in (("CheckpointConfig", "S3Uri"), ("TensorBoardOutputConfig", "S3OutputPath")):
        if config := request.get(member):
            rules.check_uri(member, config[uri])
            rules.check_path(member, config.get("LocalPath", ROOT), ROOT)
    for metric in algorithm.get("MetricDefinitions", []):
        try:
            re.compile(metric["Regex"])
        except re.error as error:
            rules.refuse(f"MetricDefinitions: the regex of {metric['Name']!r} is broken: {error}")


def check_channel(channel: Mapping[str, Any], mode: str) -> None:
    """Refuse a channel whose data cannot be given to the job as files."""
    name = channel["ChannelName"]
    if set(name) == {"."}:
        rules.refuse(f"channel {name!r}: expected the name of a folder")
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        rules.refuse(f"channel {name!r}: expected an S3DataSource")
    rules.check_uri(f"channel {name!r}", source["S3Uri"])
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        rules.refuse(f"channel {name!r}: the local cloud reads S3Prefix and ManifestFile only")
    if mode == "Pipe":
        rules.refuse(f"channel {name!r}: the local cloud has no Pipe mode; use File or FastFile")
    if channel.get("RecordWrapperType", "None") != "None":
        rules.refuse(f"channel {name!r}: the local cloud does not wrap records as RecordIO")


def describe(document: Document) -> dict[str, Any]:
    """Return the members of DescribeTrainingJob."""
    request = document["Request"]
    outcome = document.get("Outcome", {})
    kept = {k: v for k, v in request.items() if k not in ("Tags", "SessionChainingConfig")}
    answer = kept | {
        "TrainingJobArn": document["Arn"],
        "TrainingJobStatus": document["Status"],
        "SecondaryStatus": document["Phase"],
        "ModelArtifacts": {"S3ModelArtifacts": training.artifacts_uri(request)},
        "StoppingCondition": {"MaxRuntimeInSeconds": training.DAY}
        | request.get("StoppingCondition", {}),
        "CreationTime": moment(document["Created"]),
        "LastModifiedTime": moment(document["Modified"]),
        "SecondaryStatusTransitions": [
            each | {key: moment(each[key]) for key in ("StartTime", "EndTime") if key in each}
            for each in document["Transitions"]
        ],
        "FinalMetricDataList": [
            {"MetricName": name, "Value": value, "Timestamp": moment(at / 1000)}
            for name, value, at in document.get("Metrics", [])
        ],
        "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
        "EnableInterContainerTrafficEncryption": request.get(
            "EnableInterContainerTrafficEncryption", False
        ),
        "EnableManagedSpotTraining": request.get("EnableManagedSpotTraining", False),
    }
    if outcome.get("failure"):
        answer["FailureReason"] = outcome["failure"]
    return answer | times(document)


def times(document: Document) -> dict[str, Any]:
    """Return when a job's instances ran, and for how long."""
    found: dict[str, Any] = {}
    if "Prepared" in document:
        found["TrainingStartTime"] = moment(document["Prepared"])
    if "Ended" in document:
        found["TrainingEndTime"] = moment(document["Ended"])
    if len(found) == 2:
        spent = math.ceil(document["Ended"] - document["Prepared"])
        found |= {"TrainingTimeInSeconds": spent, "BillableTimeInSeconds": spent}
    return found


def summary(name: str, document: Document) -> dict[str, Any]:
    """Return the members of one entry of ListTrainingJobs."""
    ended = {"TrainingEndTime": moment(document["Ended"])} if "Ended" in document else {}
    return {
        "TrainingJobName": name,
        "TrainingJobArn": document["Arn"],
        "CreationTime": moment(document["Created"]),
        "LastModifiedTime": moment(document["Modified"]),
        "TrainingJobStatus": document["Status"],
        "SecondaryStatus": document["Phase"],
        **ended,
    }


def detail(document: Document) -> dict[str, Any]:
    """Return the detail of an event: as described, with times as text and tags as a map."""
    return documents.detail(
        document, describe(document), lambda at: str(int(at.timestamp() * 1000))
    )


KIND = Kind("TrainingJob", "training job", detail, "SageMaker Training Job State Change", MESSAGES)


LISTING = Listing(
    name="TrainingJobName",
    sort={
        "Name": "TrainingJobName",
        "CreationTime": "CreationTime",
        "Status": "TrainingJobStatus",
    },
    equal={
        "StatusEquals": "TrainingJobStatus",
        "WarmPoolStatusEquals": "WarmPoolStatus",
        "TrainingPlanArnEquals": "TrainingPlanArn",
    },
)


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change the profiler, the warm pool or remote debugging in a job's description."""
    changed = {name: value for name, value in request.items() if name != "TrainingJobName"}

    def merge(document: Document) -> None:
        for name, value in changed.items():
            old = document["Request"].get(name)
            document["Request"][name] = old | value if isinstance(old, dict) else value
        document["Modified"] = time.time()

    documents.get(call, KIND, request["TrainingJobName"])
    document = documents.change(call.cloud, call.region, KIND, request["TrainingJobName"], merge)
    return {"TrainingJobArn": document["Arn"]}


OPERATIONS: dict[str, Operation] = {
    "CreateTrainingJob": create,
    **operations.common(KIND, LISTING, describe, summary),
    "UpdateTrainingJob": update,
    **operations.deletion(KIND),
}
