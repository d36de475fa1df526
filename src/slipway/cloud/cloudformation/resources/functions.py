"""AWS::Lambda: functions, versions, aliases, layers, and what calls them."""

import io
import zipfile
from collections.abc import Mapping

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import attempts, members, naming
from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently, settled

READY = "Configuration.State == 'Active' && Configuration.LastUpdateStatus != 'InProgress'"
FAULT = "Configuration.State == 'Failed' && Configuration.StateReason"
CODE = ("Code", "Architectures")
PROVISIONED = "every invocation has its own process already"
INLINE = {"nodejs": "index.js", "python": "index.py"}  # AWS takes text for these alone


def prepared(asked: Asked) -> Properties:
    """Return a function's properties with code that stands in the template as a zip."""
    given = dict(asked.properties)
    code = given.get("Code")
    if isinstance(code, Mapping) and isinstance(code.get("ZipFile"), str):
        runtime = str(given.get("Runtime", ""))
        file = next((name for kind, name in INLINE.items() if runtime.startswith(kind)), None)
        if file is None:
            raise Failed(
                f"#/Code/ZipFile: code in a template is for nodejs and python, found {runtime!r}"
            )
        given["Code"] = {"ZipFile": zipped(file, code["ZipFile"])}
    return given


def zipped(name: str, text: str) -> bytes:
    """Return a zip of one file, the same for the same text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def update_code(asked: Asked, made: Made, before: Properties) -> None:
    """Give a function new code, and wait until it has it."""
    new = asked.properties
    if not before or all(before.get(name) == new.get(name) for name in CODE):
        return
    client, which = asked.client("lambda"), {"FunctionName": made.physical_id}
    shape = members.operation("lambda", "UpdateFunctionCode").input_shape
    code = {name: value for name, value in new["Code"].items() if name != "SourceKMSKeyArn"}
    if "Architectures" in new:
        code["Architectures"] = new["Architectures"]
    client.update_function_code(**which, **members.value(shape, code, "#/Code"))
    settled(lambda: client.get_function(**which), READY, FAULT)


def routed(asked: Asked) -> Properties:
    """Return an alias's properties with its weights as a map."""
    given = dict(asked.properties)
    if routing := given.get("RoutingConfig"):
        weights = routing.get("AdditionalVersionWeights") or []
        given["RoutingConfig"] = {
            "AdditionalVersionWeights": {
                one["FunctionVersion"]: float(one["FunctionWeight"]) for one in weights
            }
        }
    return given


def permit(asked: Asked) -> Made:
    """Make AWS::Lambda::Permission: a statement of a function's policy."""
    name = naming.physical(asked.stack_name, asked.logical_id, asked.token, 100)
    shape = members.operation("lambda", "AddPermission").input_shape
    again = attempts.begin(asked)
    try:
        asked.client("lambda").add_permission(
            **members.value(shape, dict(asked.properties), "#"), StatementId=name
        )
    except ClientError as error:
        if not again or error.response["Error"]["Code"] != "ResourceConflictException":
            raise
    attempts.made(asked, name)
    return Made(name, {"Id": name})


def same(asked: Asked, made: Made, before: Properties) -> Made:
    """Change nothing: every property makes a new statement."""
    return made


def forbid(asked: Asked, made: Made) -> None:
    """Take a statement from a function's policy."""
    remove, function = asked.client("lambda").remove_permission, asked.properties["FunctionName"]
    gently(remove, FunctionName=function, StatementId=made.physical_id)
    attempts.forget(asked, made.physical_id)


def left_mapping(asked: Asked) -> str:
    """Return the mapping that a killed attempt made: a function has one for each source."""
    given = asked.properties
    found = asked.client("lambda").list_event_source_mappings(
        FunctionName=given["FunctionName"], EventSourceArn=given["EventSourceArn"]
    )["EventSourceMappings"]
    return str(found[0]["UUID"]) if found else ""


def left_alias(asked: Asked) -> str:
    """Return the ARN of the alias that a killed attempt made."""
    which = {name: asked.properties[name] for name in ("FunctionName", "Name")}
    found = gently(asked.client("lambda").get_alias, **which)
    return str(found["AliasArn"]) if found else ""


def last(asked: Asked, id_: str) -> str:
    """Return the version at the end of an ARN."""
    return id_.rpartition(":")[2]


def layer(asked: Asked, id_: str) -> str:
    """Return the layer of a version's ARN."""
    return id_.split(":")[6]


def number(asked: Asked, id_: str) -> int:
    """Return the number of a version's ARN."""
    return int(last(asked, id_))


PERMISSION = frozenset(
    {
        "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType",
        "InvokedViaFunctionUrl", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn",
    }
)  # fmt: skip
ALL = (
    Declared(
        "AWS::Lambda::Function",
        "lambda",
        create="CreateFunction",
        update="UpdateFunctionConfiguration",
        delete="DeleteFunction",
        read="GetFunction",
        named="FunctionName",
        keys={"FunctionName": "@"},
        stable=READY,
        failed=FAULT,
        attributes={"Arn": "Configuration.FunctionArn"},
        form=prepared,
        changing=frozenset(CODE),
        after=update_code,
        cleared={
            "DeadLetterConfig": {"TargetArn": ""},
            "Description": "",
            "Environment": {"Variables": {}},
            "EphemeralStorage": {"Size": 512},
            "KmsKeyArn": "",
            "Layers": [],
            "LoggingConfig": {"LogFormat": "Text"},
            "MemorySize": 128,
            "Timeout": 3,
            "TracingConfig": {"Mode": "PassThrough"},
            "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        },
        parts=(
            Part(
                "ReservedConcurrentExecutions",
                "PutFunctionConcurrency",
                "DeleteFunctionConcurrency",
            ),
        ),
        tagging=(
            "TagResource",
            "UntagResource",
            {"Resource": "=arn:aws:lambda:{region}:{account}:function:{id}"},
        ),
        refused={
            "CapacityProviderConfig": "functions run on this machine",
            "DurableConfig": "an invocation ends with its process",
            "FunctionScalingConfig": "functions run on this machine",
            "TenancyConfig": "there is one tenant",
            "PublishToLatestPublished": "publish an AWS::Lambda::Version",
        },
        ignored={
            "RecursiveLoop": "nothing looks for loops",
            "RuntimeManagementConfig": "the runtime is the one of this machine",
        },
        replacing=frozenset({"FunctionName", "PackageType"}),
    ),
    Declared(
        "AWS::Lambda::Version",
        "lambda",
        create="PublishVersion",
        delete="DeleteFunction",
        read="GetFunctionConfiguration",
        ref="FunctionArn",
        keys={"FunctionName": "FunctionName", "Qualifier": last},
        attributes={"Version": "Version", "FunctionArn": "FunctionArn"},
        stable="State == 'Active'",
        tags="",
        refused={
            "FunctionScalingConfig": "functions run on this machine",
            "ProvisionedConcurrencyConfig": PROVISIONED,
        },
        ignored={"RuntimePolicy": "the runtime is the one of this machine"},
        replacing=frozenset({"FunctionName", "Description", "CodeSha256", "RuntimePolicy"}),
    ),
    Declared(
        "AWS::Lambda::Alias",
        "lambda",
        create="CreateAlias",
        update="UpdateAlias",
        delete="DeleteAlias",
        read="GetAlias",
        ref="AliasArn",
        keys={"FunctionName": "FunctionName", "Name": "Name"},
        attributes={"AliasArn": "AliasArn"},
        form=routed,
        cleared={"RoutingConfig": {"AdditionalVersionWeights": {}}, "Description": ""},
        tags="",
        find=left_alias,
        refused={"ProvisionedConcurrencyConfig": PROVISIONED},
        replacing=frozenset({"Name", "FunctionName"}),
    ),
    Own(
        "AWS::Lambda::Permission",
        permit,
        same,
        forbid,
        PERMISSION,
        PERMISSION,
    ),
    Declared(
        "AWS::Lambda::EventSourceMapping",
        "lambda",
        create="CreateEventSourceMapping",
        update="UpdateEventSourceMapping",
        delete="DeleteEventSourceMapping",
        read="GetEventSourceMapping",
        ref="UUID",
        keys={"UUID": "@"},
        attributes={"Id": "UUID", "EventSourceMappingArn": "EventSourceMappingArn"},
        stable="State == 'Enabled' || State == 'Disabled'",
        find=left_mapping,
        cleared={
            "BatchSize": 10,
            "MaximumBatchingWindowInSeconds": 0,
            "FunctionResponseTypes": [],
            "FilterCriteria": {},
            "ScalingConfig": {},
            "Enabled": True,
        },
        tagging=(
            "TagResource",
            "UntagResource",
            {"Resource": "=arn:aws:lambda:{region}:{account}:event-source-mapping:{id}"},
        ),
        replacing=frozenset(
            {
                "EventSourceArn",
                "StartingPosition",
                "StartingPositionTimestamp",
                "SelfManagedEventSource",
            }
        ),
    ),
    Declared(
        "AWS::Lambda::EventInvokeConfig",
        "lambda",
        create="PutFunctionEventInvokeConfig",
        update="PutFunctionEventInvokeConfig",
        delete="DeleteFunctionEventInvokeConfig",
        identity="EventInvokeConfig|{FunctionName}|{Qualifier}",
        keys={"FunctionName": "FunctionName", "Qualifier": "Qualifier"},
        read="GetFunctionEventInvokeConfig",
        tags="",
        replacing=frozenset({"FunctionName", "Qualifier"}),
    ),
    Declared(
        "AWS::Lambda::LayerVersion",
        "lambda",
        create="PublishLayerVersion",
        delete="DeleteLayerVersion",
        read="GetLayerVersionByArn",
        named="LayerName",
        ref="LayerVersionArn",
        keys={"LayerName": layer, "VersionNumber": number},
        read_keys={"Arn": "@"},
        attributes={"LayerVersionArn": "LayerVersionArn"},
        tags="",
        replacing=frozenset(
            {
                "CompatibleRuntimes",
                "LicenseInfo",
                "CompatibleArchitectures",
                "LayerName",
                "Description",
                "Content",
            }
        ),
    ),
)
TYPES = by_name(*ALL)
