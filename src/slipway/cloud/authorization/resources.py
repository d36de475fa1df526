"""Which resources a request is about, as ARNs. Pure.

A service that is not in the tables is authorized on every resource, `*`.
Source: Service Authorization Reference, "Resource types defined by …".
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping

from slipway.cloud.authorization.asked import Asked

EVERY = "*"


def of(asked: Asked) -> tuple[str, ...]:
    """Return the ARNs that a request is about; `*` where it is about none in particular."""
    special = SPECIAL.get(asked.service)
    found = tuple(special(asked)) if special else ()
    return found or tuple(by_members(asked)) or (EVERY,)


def by_members(asked: Asked) -> Iterator[str]:
    """Yield the ARNs of the first members that name a resource, by the service's table."""
    for member, template in TABLES.get(asked.service, {}).items():
        if (name := asked.text(member)) and not (
            asked.operation.startswith("List") and member in FILTERS
        ):
            yield arn(asked, template, name)
            return


def arn(asked: Asked, template: str, name: str) -> str:
    """Return an ARN by its template; a name that is an ARN is that."""
    if name.startswith("arn:"):
        return name
    known = {"region": asked.region, "account": asked.account, "name": name}
    others = {member: text for member, text in asked.members.items() if isinstance(text, str)}
    return template.format_map(Known(known | others))


class Known(dict[str, str]):
    """The members of a request; `*` for one that it does not have."""

    def __missing__(self, _: str) -> str:
        return "*"


SAGEMAKER = "arn:aws:sagemaker:{region}:{account}:"
# Member → template, in the order in which they decide
TABLES: Mapping[str, Mapping[str, str]] = {
    "sagemaker": {
        "PipelineExecutionArn": "{name}",
        "ModelPackageArn": "{name}",
        "ResourceArn": "{name}",
        **{
            f"{member}Name": f"{SAGEMAKER}{kind}/{{name}}"
            for member, kind in {
                "TrainingJob": "training-job",
                "ProcessingJob": "processing-job",
                "TransformJob": "transform-job",
                "HyperParameterTuningJob": "hyper-parameter-tuning-job",
                "AutoMLJob": "automl-job",
                "LabelingJob": "labeling-job",
                "InferenceComponent": "inference-component",
                "Endpoint": "endpoint",
                "EndpointConfig": "endpoint-config",
                "ModelPackage": "model-package",
                "ModelPackageGroup": "model-package-group",
                "Pipeline": "pipeline",
                "FeatureGroup": "feature-group",
                "NotebookInstance": "notebook-instance",
                "NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config",
                "StudioLifecycleConfig": "studio-lifecycle-config",
                "TrackingServer": "mlflow-tracking-server",
                "MonitoringSchedule": "monitoring-schedule",
                "JobDefinition": "*-job-definition",
                "TrialComponent": "experiment-trial-component",
                "Trial": "experiment-trial",
                "Experiment": "experiment",
                "Context": "context",
                "Action": "action",
                "Image": "image",
                "ModelCard": "model-card",
                "Project": "project",
                "Model": "model",
            }.items()
        },
        "AppName": SAGEMAKER + "app/{DomainId}/{UserProfileName}/{AppType}/{name}",
        "SpaceName": SAGEMAKER + "space/{DomainId}/{name}",
        "UserProfileName": SAGEMAKER + "user-profile/{DomainId}/{name}",
        "DomainId": SAGEMAKER + "domain/{name}",
        "DomainName": SAGEMAKER + "domain/*",
    },
    "sagemaker-runtime": {"EndpointName": SAGEMAKER + "endpoint/{name}"},
    "sagemaker-featurestore-runtime": {"FeatureGroupName": SAGEMAKER + "feature-group/{name}"},
    "s3control": {"Name": "arn:aws:s3:{region}:{account}:accesspoint/{name}"},
    "sns": {
        "TopicArn": "{name}",
        "TargetArn": "{name}",
        "ResourceArn": "{name}",
        "Name": "arn:aws:sns:{region}:{account}:{name}",
    },
    "sqs": {"QueueName": "arn:aws:sqs:{region}:{account}:{name}"},
    "secretsmanager": {
        "SecretId": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
        "Name": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    },
    "dynamodb": {"TableName": "arn:aws:dynamodb:{region}:{account}:table/{name}"},
    "ecr": {"repositoryName": "arn:aws:ecr:{region}:{account}:repository/{name}"},
    "athena": {
        "WorkGroup": "arn:aws:athena:{region}:{account}:workgroup/{name}",
        "ResourceARN": "{name}",
    },
    "cloudformation": {
        "StackName": "arn:aws:cloudformation:{region}:{account}:stack/{name}/*",
        "StackSetName": "arn:aws:cloudformation:{region}:{account}:stackset/{name}:*",
    },
    "cloudwatch": {
        "AlarmName": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        "DashboardName": "arn:aws:cloudwatch::{account}:dashboard/{name}",
        "ResourceARN": "{name}",
    },
    "stepfunctions": {"stateMachineArn": "{name}", "executionArn": "{name}"},
    "scheduler": {
        "ScheduleGroupName": "arn:aws:scheduler:{region}:{account}:schedule-group/{name}",
        "ResourceArn": "{name}",
    },
    "iam": {
        "RoleName": "arn:aws:iam::{account}:role/{name}",
        "UserName": "arn:aws:iam::{account}:user/{name}",
        "GroupName": "arn:aws:iam::{account}:group/{name}",
        "PolicyArn": "{name}",
        "PolicyName": "arn:aws:iam::{account}:policy/{name}",
        "PolicySourceArn": "{name}",
        "InstanceProfileName": "arn:aws:iam::{account}:instance-profile/{name}",
    },
    "sts": {"RoleArn": "{name}"},
    "redshift-serverless": {  # the guard turns names into the ids that ARNs have
        "namespaceName": "arn:aws:redshift-serverless:{region}:{account}:namespace/{name}",
        "workgroupName": "arn:aws:redshift-serverless:{region}:{account}:workgroup/{name}",
        "resourceArn": "{name}",
    },
}
# Members that only choose among what an operation lists
FILTERS = {"WorkGroup", "DomainId", "DomainIdEquals", "UserProfileName"}


def sagemaker(asked: Asked) -> Iterator[str]:
    """Yield the resources of operations that are about two, or about one in another's place."""
    base = SAGEMAKER.format(region=asked.region, account=asked.account)
    if asked.operation == "CreateModelPackage" and (group := asked.text("ModelPackageGroupName")):
        yield f"{base}model-package/{group.rpartition('/')[2]}/*"
    if asked.operation in ("CreateEndpoint", "UpdateEndpoint"):
        yield f"{base}endpoint/{asked.text('EndpointName')}"
        yield f"{base}endpoint-config/{asked.text('EndpointConfigName')}"
    if asked.operation == "CreateInferenceComponent":
        yield f"{base}inference-component/{asked.text('InferenceComponentName')}"
        yield f"{base}endpoint/{asked.text('EndpointName')}"


def function(asked: Asked) -> Iterator[str]:
    """Yield the ARN of a function, with the version or alias that the request names."""
    name = asked.text("FunctionName")
    if not name:
        return
    if not name.startswith("arn:"):
        name = f"arn:aws:lambda:{asked.region}:{asked.account}:function:{name.rpartition('function:')[2]}"
    qualifier = asked.text("Qualifier")
    yield f"{name}:{qualifier}" if qualifier else name


def alarms(asked: Asked) -> Iterator[str]:
    """Yield the ARNs of the alarms that are deleted, or whose actions are turned on or off."""
    if asked.operation in ("DeleteAlarms", "DisableAlarmActions", "EnableAlarmActions"):
        for name in asked.members.get("AlarmNames") or ():
            yield f"arn:aws:cloudwatch:{asked.region}:{asked.account}:alarm:{name}"


def queue(asked: Asked) -> Iterator[str]:
    """Yield the ARN of the queue of a URL, or of one whose messages are moved."""
    if arn := asked.text("SourceArn"):
        yield arn
    if url := asked.text("QueueUrl"):
        yield f"arn:aws:sqs:{asked.region}:{asked.account}:{url.rstrip('/').rpartition('/')[2]}"


def log_group(asked: Asked) -> Iterator[str]:
    """Yield the ARN of a log group, or of a stream in it, as CloudWatch Logs writes both."""
    base = f"arn:aws:logs:{asked.region}:{asked.account}:log-group:"
    members = ("logGroupName", "logGroupIdentifier", "resourceIdentifier")
    named = next(filter(None, map(asked.text, members)), "")
    if not named and (listed := asked.members.get("logGroupNames")):
        yield from (f"{base}{name}:log-stream:" for name in listed)
    if named:
        name = named.partition(":log-group:")[2].removesuffix(":*") or named
        yield f"{base}{name}:log-stream:{asked.text('logStreamName')}"
    elif asked.operation == "DescribeLogGroups":
        yield f"{base}{asked.text('logGroupNamePrefix')}:log-stream:"
    elif arn_of := asked.text("resourceArn"):
        yield arn_of


def event_bus(asked: Asked) -> Iterator[str]:
    """Yield the ARN of a rule or of the buses to which events go."""
    base = f"arn:aws:events:{asked.region}:{asked.account}:"
    if asked.operation == "PutEvents":
        entries = asked.members.get("Entries") or ()
        buses = {each.get("EventBusName") or "default" for each in entries}
        yield from (b if b.startswith("arn:") else f"{base}event-bus/{b}" for b in sorted(buses))
        return
    bus = asked.text("EventBusName").rpartition("/")[2]
    rule = asked.text("Rule") or (asked.text("Name") if "Rule" in asked.operation else "")
    if rule and not asked.operation.startswith("List"):
        yield f"{base}rule/{rule}" if bus in ("", "default") else f"{base}rule/{bus}/{rule}"
    elif name := asked.text("Name"):
        yield f"{base}event-bus/{name}"


def schedule(asked: Asked) -> Iterator[str]:
    """Yield the ARN of a schedule in its group."""
    base = f"arn:aws:scheduler:{asked.region}:{asked.account}:"
    if (name := asked.text("Name")) and asked.operation.endswith("Schedule"):
        yield f"{base}schedule/{asked.text('GroupName') or 'default'}/{name}"
    elif name and asked.operation.endswith("ScheduleGroup"):
        yield f"{base}schedule-group/{name}"


def parameter(asked: Asked) -> Iterator[str]:
    """Yield the ARNs of Parameter Store's parameters."""
    base = f"arn:aws:ssm:{asked.region}:{asked.account}:parameter/"
    names = asked.members.get("Names") or [asked.text("Name") or asked.text("Path")]
    for name in names:
        if isinstance(name, str) and name and "Parameter" in asked.operation:
            yield name if name.startswith("arn:") else base + name.lstrip("/").partition(":")[0]


def catalog(asked: Asked) -> Iterator[str]:
    """Yield the ARNs in Glue's catalog: it, the database, the table."""
    base = f"arn:aws:glue:{asked.region}:{asked.account}:"
    database = asked.text("DatabaseName")
    inner = asked.members.get("TableInput") or asked.members.get("DatabaseInput") or {}
    name = asked.text("Name") or (inner.get("Name") if isinstance(inner, dict) else "")
    words = asked.operation
    if "Crawler" in words:
        if name or (name := asked.text("CrawlerName")):
            yield f"{base}crawler/{name}"
    elif "Table" in words or "Partition" in words:
        table = asked.text("TableName") or name or "*"
        yield from (f"{base}catalog", f"{base}database/{database}")
        yield f"{base}table/{database}/{table}"
    elif "Database" in words:
        yield f"{base}catalog"
        if name:
            yield f"{base}database/{name}"
    elif "Job" in words and (name := name or asked.text("JobName")):
        yield f"{base}job/{name}"


def key(asked: Asked) -> Iterator[str]:
    """Yield the ARNs of keys and aliases; of a ciphertext's key, where that is all that is said."""
    base = f"arn:aws:kms:{asked.region}:{asked.account}:"
    blob = asked.members.get("CiphertextBlob")
    names = [asked.text(m) for m in ("KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId")]
    if not any(names) and isinstance(blob, str):
        names = [sealed_with(blob)]
    for name in filter(None, [*names, asked.text("AliasName")]):
        whole = name.startswith(("arn:", "alias/"))
        yield name if name.startswith("arn:") else base + (name if whole else f"key/{name}")


def security_group(asked: Asked) -> Iterator[str]:
    """Yield the ARN of a security group that is changed; of EC2 nothing else has a narrower resource."""
    if "SecurityGroup" in asked.operation and (group := asked.text("GroupId")):
        yield f"arn:aws:ec2:{asked.region}:{asked.account}:security-group/{group}"


def sealed_with(ciphertext: str) -> str:
    """Return the id of the key that the ground wrote at the beginning of a ciphertext."""
    try:
        return base64.b64decode(ciphertext)[:36].decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


SPECIAL: Mapping[str, Callable[[Asked], Iterator[str]]] = {
    "sagemaker": sagemaker,
    "lambda": function,
    "ec2": security_group,
    "kms": key,
    "cloudwatch": alarms,
    "sqs": queue,
    "logs": log_group,
    "events": event_bus,
    "scheduler": schedule,
    "ssm": parameter,
    "glue": catalog,
}
