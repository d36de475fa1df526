"""A function's configuration: what a request makes of it, and what it may not ask for."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.awslambda import layers
from slipway.cloud.awslambda.errors import invalid
from slipway.cloud.awslambda.names import LATEST
from slipway.cloud.awslambda.store import modified, revision
from slipway.cloud.awslambda.variables import RESERVED
from slipway.cloud.iam.evaluate import Principal, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, parse
from slipway.cloud.service import Call
from slipway.cloud.sts.service import NOBODY
from slipway.cloud.sts.service import found as found_role

VARIABLES = 4096  # bytes of all variables as JSON
LONGEST, LARGEST = 900, 10_240  # seconds, MiB
LAMBDA = Principal("Service", "lambda.amazonaws.com")
PLAIN = ("Description", "Handler", "KMSKeyArn", "MemorySize", "Role", "Runtime", "Timeout")
UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you "
    "have provided "
)


def created(call: Call, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a new function, without its code; ServiceError."""
    if request.get("PackageType", "Zip") == "Zip" and not {"Runtime", "Handler"} <= request.keys():
        raise invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    config: dict[str, Any] = {
        "FunctionName": name,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": request.get("PackageType", "Zip"),
        "Architectures": request.get("Architectures", ["x86_64"]),
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    return changed(call, config, request)


def changed(call: Call, config: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with what a request asks for; ServiceError."""
    if request.get("Timeout", 1) > LONGEST:
        raise invalid(f"The local cloud runs a function for at most {LONGEST} seconds (Timeout).")
    if request.get("MemorySize", 1) > LARGEST:
        raise invalid(f"The local cloud gives a function at most {LARGEST} MB (MemorySize).")
    if request.get("SnapStart", {}).get("ApplyOn", "None") != "None":
        raise invalid("The local cloud has no snapshots of functions (SnapStart).")
    if "Role" in request:
        check_role(call, request["Role"])
    found = dict(config) | {name: request[name] for name in PLAIN if name in request}
    if not found.get("KMSKeyArn"):
        found.pop("KMSKeyArn", None)
    for member in ("EphemeralStorage", "TracingConfig"):
        if member in request:
            found[member] = found[member] | request[member]
    if "LoggingConfig" in request:
        found["LoggingConfig"] = logging(found, request["LoggingConfig"])
    if "Environment" in request:
        set_variables(found, request["Environment"].get("Variables", {}))
    if "DeadLetterConfig" in request:
        set_dead_letters(found, request["DeadLetterConfig"].get("TargetArn", ""))
    if "VpcConfig" in request:
        set_vpc(call, found, request["VpcConfig"])
    if "Layers" in request:
        found["Layers"] = [layers.used(call, arn) for arn in request["Layers"]]
        if not found["Layers"]:
            del found["Layers"]
    return found | {"LastModified": modified(), "RevisionId": revision()}


def check_role(call: Call, role: str) -> None:
    """Refuse a role that Lambda may not assume; ServiceError."""
    trust = found_role(call, role).get("AssumeRolePolicyDocument") or NOBODY
    try:
        trusts = may_assume(parse(trust, "trust", "resource"), LAMBDA, {})
    except MalformedPolicy:
        trusts = False
    if not trusts:
        raise invalid("The role defined for the function cannot be assumed by Lambda.")


def logging(config: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return where and how a function logs; levels are for JSON alone. ServiceError."""
    found: dict[str, Any] = config["LoggingConfig"] | asked
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    if found["LogFormat"] == "JSON":
        return levels | found
    if levels.keys() & asked.keys():
        raise invalid("To set log levels, LogFormat must be JSON")
    return {name: value for name, value in found.items() if name not in levels}


def set_variables(config: dict[str, Any], variables: Mapping[str, str]) -> None:
    """Put a function's own variables into its configuration; ServiceError."""
    if reserved := sorted(RESERVED & variables.keys()):
        raise invalid(
            f"{UNABLE}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    if len(json.dumps(variables, separators=(",", ":")).encode()) > VARIABLES:
        raise invalid(f"{UNABLE}exceeded the 4KB limit.")
    config.pop("Environment", None)
    if variables:
        config["Environment"] = {"Variables": dict(variables)}


def set_dead_letters(config: dict[str, Any], target: str) -> None:
    """Put the target of dead letters into a configuration; ServiceError."""
    config.pop("DeadLetterConfig", None)
    if target and target.split(":")[2] not in ("sqs", "sns"):
        raise invalid(f"The provided target is neither an SQS queue nor an SNS topic: {target}")
    if target:
        config["DeadLetterConfig"] = {"TargetArn": target}


def set_vpc(call: Call, config: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """Put the subnets into a configuration, and whose they are; ServiceError."""
    config.pop("VpcConfig", None)
    if not (subnets := asked.get("SubnetIds", [])):
        return
    ec2 = inside.client(call.cloud.ground, "ec2", call.region)
    try:
        found = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    except ClientError as error:
        code, message = (error.response["Error"][name] for name in ("Code", "Message"))
        text = f"EC2 Error Code: {code}. EC2 Error Message: {message}"
        raise invalid(f"Error occurred while DescribeSubnets. {text}") from error
    config["VpcConfig"] = {
        "SubnetIds": subnets,
        "SecurityGroupIds": asked.get("SecurityGroupIds", []),
        "VpcId": found[0]["VpcId"],
        "Ipv6AllowedForDualStack": asked.get("Ipv6AllowedForDualStack", False),
    }
