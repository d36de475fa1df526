"""What a request wants a stack to be: its template from wherever it is, parameters, tags; checked."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import types
from slipway.cloud.cloudformation.context import Context, Whose
from slipway.cloud.cloudformation.outside import Lookups, clients
from slipway.cloud.cloudformation.parameters import Given, settled
from slipway.cloud.cloudformation.stack import Stack, Version
from slipway.cloud.cloudformation.store import Store
from slipway.cloud.cloudformation.template import Template, parse
from slipway.cloud.cloudformation.text import TemplateError
from slipway.cloud.service import Call, ServiceError

BODY, URL = 51_200, 1_000_000  # bytes of a template, in a request and in S3
NAMED = {  # types whose names need CAPABILITY_NAMED_IAM → the property that names them
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
IAM = {*NAMED, "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition"}
HOST = re.compile(r"(?:(?P<bucket>.+)\.)?(?:s3[.-].*amazonaws\.com|s3\.localhost|localhost)")

LIMITED = {  # members that are refused unless they are empty
    "NotificationARNs": "events go to EventBridge alone",
    "ResourceTypes": "the types are not limited",
    "RollbackConfiguration": "no alarms are watched during an operation",
}

Client = Callable[[str], Any]


def invalid(message: str) -> ServiceError:
    """Return CloudFormation's refusal."""
    return ServiceError("ValidationError", message)


def text_of(
    request: Mapping[str, Any], client: Client, stack: Stack | None = None, *, needed: bool = True
) -> str:
    """Return the template's text that a request gives, or "" where none is and none is needed."""
    given = [name for name in ("TemplateBody", "TemplateURL") if name in request]
    if request.get("UsePreviousTemplate"):
        if given or stack is None:
            raise invalid("UsePreviousTemplate needs a stack, and no other template beside it")
        return stack.version.template
    if len(given) > 1 or (needed and not given):
        raise invalid("Either Template URL or Template Body must be specified.")
    if not given:
        return ""
    if "TemplateBody" in request:
        found: str = request["TemplateBody"]
        if len(found.encode()) > BODY:
            raise invalid(
                f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {BODY}; put it into S3 (TemplateURL)"
            )
        return found
    return stored(request["TemplateURL"], client)


def stored(url: str, client: Client) -> str:
    """Return a template that is in S3."""
    bucket, key = place(url)
    try:
        body: bytes = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        said = error.response["Error"]
        raise invalid(f"S3 error: {said.get('Message') or said['Code']} ({url})") from error
    if len(body) > URL:
        raise invalid(f"Template may not exceed {URL} bytes in size.")
    return body.decode("utf-8", "replace")


def place(url: str) -> tuple[str, str]:
    """Return the bucket and key of a URL: with the bucket in its host, or first in its path. Pure."""
    parts = urlsplit(url)
    found = HOST.fullmatch(parts.hostname or "")
    path = unquote(parts.path).removeprefix("/")
    if parts.hostname in ("127.0.0.1", "::1"):
        bucket, _, key = path.partition("/")
    elif found and found["bucket"]:
        bucket, key = found["bucket"], path
    else:
        bucket, _, key = path.partition("/") if found else ("", "", "")
    if parts.scheme == "s3":
        bucket, key = parts.netloc, path
    if not bucket or not key:
        raise invalid("TemplateURL must be a supported URL.")
    return bucket, key


def version(
    call: Call,
    request: Mapping[str, Any],
    client: Client,
    stack: Stack | None,
    id_and_name: tuple[str, str],
) -> tuple[Version, Context]:
    """Return what a request wants a stack to be, checked as far as it can be before it is made.

    Raises:
        ServiceError: Why it cannot be, in CloudFormation's words.
    """
    check_members(request)
    lookups = Lookups(Store(call.cloud, call.region), client)
    try:
        own = clients(call.cloud, call.region, call.access_key, "")
        text = text_of(request, own, stack)  # the caller reads it, whoever acts
        template = parse(text)
        check_types(template)
        given = {
            each["ParameterKey"]: Given(
                None if each.get("UsePreviousValue") else each.get("ParameterValue")
            )
            for each in request.get("Parameters", [])
        }
        previous = stack.version.parameters if stack else {}
        parameters = settled(template.parameters, given, previous, lookups.stored)
        tags = tags_of(request, stack)
        capabilities = tuple(request.get("Capabilities", ()))
        found = Version(text, parameters, tags, capabilities)
        whose = Whose(*id_and_name, call.cloud.account, call.region)
        context = Context(whose, found, lookups)
        context.check()
    except TemplateError as error:
        raise invalid(str(error)) from error
    check_capabilities(context, capabilities)
    return found, context


def check_members(request: Mapping[str, Any]) -> None:
    """Refuse what the local cloud does not do; the CDK sends some of it empty."""
    for name, why in LIMITED.items():
        found = request.get(name)
        if found and any(found.values() if isinstance(found, dict) else [found]):
            raise invalid(f"The local cloud does not support {name}: {why}.")
    if request.get("DeploymentMode") == "REVERT_DRIFT":
        raise invalid("The local cloud does not support REVERT_DRIFT: drift is not looked for.")


def tags_of(request: Mapping[str, Any], stack: Stack | None) -> dict[str, str]:
    """Return a stack's tags: those of the request, else those that it has."""
    if "Tags" not in request:
        return dict(stack.version.tags) if stack else {}
    found = {each["Key"]: each["Value"] for each in request["Tags"]}
    if reserved := [key for key in found if key.lower().startswith("aws:")]:
        raise invalid(
            f"aws: prefixed tag key names are not allowed for external use. ({reserved[0]})"
        )
    return found


def check_types(template: Template) -> None:
    """Refuse a template that has types that are not known: all of them are named."""
    names = sorted({each.type for each in template.resources.values()})
    if unknown := [name for name in names if not types.known(name)]:
        raise TemplateError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. The local "
            "cloud does not have them (docs/cloudformation.md); nothing was made"
        )


def needed_capabilities(template: Template) -> tuple[list[str], list[str]]:
    """Return the capabilities that a template needs, and the types for which it does."""
    found = [each for each in template.resources.values() if each.type in IAM]
    needed = []
    if any(NAMED.get(each.type, "\0") in each.properties for each in found):
        needed = ["CAPABILITY_NAMED_IAM"]
    elif found:
        needed = ["CAPABILITY_IAM"]
    if template.transforms:
        needed.append("CAPABILITY_AUTO_EXPAND")
    return needed, sorted({each.type for each in found})


def check_capabilities(context: Context, given: tuple[str, ...]) -> None:
    """Refuse a template that does what the caller has not acknowledged."""
    needed, _ = needed_capabilities(context.template)
    if "CAPABILITY_NAMED_IAM" in given:
        given = (*given, "CAPABILITY_IAM")
    if absent := [name for name in needed if name not in given]:
        raise ServiceError(
            "InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(absent)}]"
        )
