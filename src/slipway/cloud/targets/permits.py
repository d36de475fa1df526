"""May a service call a target: by the target's resource policy, or as a role that trusts the service."""

import threading
import time
from collections.abc import Callable
from typing import Any

from slipway.cloud import api, inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.credentials import Credentials, for_role
from slipway.cloud.iam.evaluate import ALLOWED, Access, Policies, Principal, decide, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, Policy, parse
from slipway.cloud.targets.refusals import Undelivered

ALLOWED_FOR = 1.0  # seconds until a policy is read again; a refusal is not remembered
_allowed: dict[tuple[str, ...], float] = {}
_lock = threading.Lock()


def remembered(key: tuple[str, ...]) -> bool:
    """Tell whether something was allowed a moment ago."""
    with _lock:
        return _allowed.get(key, 0.0) > time.monotonic()


def remember(key: tuple[str, ...]) -> None:
    """Take something to be allowed for a moment."""
    with _lock:
        if len(_allowed) > 1000:
            _allowed.clear()
        _allowed[key] = time.monotonic() + ALLOWED_FOR


def permit(cloud: Cloud, arn: str, action: str, principal: str, source: str) -> None:
    """Check that a resource's policy lets a service do something in the name of a source; Undelivered."""
    key = (cloud.endpoint, arn, action, principal, source)
    if remembered(key):
        return
    policies = [policy for document in documents(cloud, arn) for policy in parsed(document)]
    context = {
        "aws:sourcearn": (source,),
        "aws:sourceaccount": (cloud.account,),
        "aws:securetransport": ("true",),
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (principal,),
    }
    access = Access(action, arn, Principal("Service", principal), context)
    if decide(Policies(resource=policies), access).outcome != ALLOWED:
        raise Undelivered(
            "NO_PERMISSIONS",
            f"the resource policy of {arn} does not allow {principal} {action} with the source {source}",
            again=False,
        )
    remember(key)


def parsed(document: str) -> list[Policy]:
    """Return a policy, or none where a document is not one."""
    try:
        return [parse(document, "resource", "resource")]
    except MalformedPolicy:
        return []


def documents(cloud: Cloud, arn: str) -> list[str]:
    """Return the policies of a resource; Undelivered where there is no such resource."""
    service, region = arn.split(":")[2:4]
    return READERS[service](api.client(cloud, service, region), cloud, arn)


def of_function(client: Any, _: Cloud, arn: str) -> list[str]:
    """Return the policy of a function."""
    try:
        return [client.get_policy(FunctionName=arn)["Policy"]]
    except client.exceptions.ResourceNotFoundException:
        client.get_function_configuration(FunctionName=arn)  # is it there at all?
        return []


def of_queue(client: Any, cloud: Cloud, arn: str) -> list[str]:
    """Return the policy of a queue."""
    *_, account, name = arn.split(":")
    url = f"{cloud.endpoint}/{account}/{name}"
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    policy = found.get("Attributes", {}).get("Policy")
    return [policy] if policy else []


def of_topic(client: Any, _: Cloud, arn: str) -> list[str]:
    """Return the policy of a topic."""
    policy = client.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")
    return [policy] if policy else []


def of_logs(client: Any, *_: Any) -> list[str]:
    """Return the policies of a region's logs."""
    found = client.describe_resource_policies().get("resourcePolicies", [])
    return [each["policyDocument"] for each in found]


READERS: dict[str, Callable[[Any, Cloud, str], list[str]]] = {
    "lambda": of_function,
    "sqs": of_queue,
    "sns": of_topic,
    "logs": of_logs,
}


def credentials(cloud: Cloud, region: str, role: str, principal: str, source: str) -> Credentials:
    """Return the credentials of a role that trusts a service; Undelivered."""
    key = (cloud.endpoint, role, principal, source)
    if not remembered(key):
        trusted(cloud, region, role, principal, source)
        remember(key)
    return for_role(cloud, region, role, principal.partition(".")[0])


def trusted(cloud: Cloud, region: str, role: str, principal: str, source: str) -> None:
    """Check that a role trusts a service; Undelivered."""
    iam = inside.client(cloud.ground, "iam", region)
    try:
        found = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
        trust = parse(found, "trust", "resource")
    except iam.exceptions.NoSuchEntityException as error:
        message = f"there is no role {role}"
        raise Undelivered("FAILED_TO_ASSUME_ROLE", message, again=False) from error
    except MalformedPolicy as error:
        raise Undelivered("FAILED_TO_ASSUME_ROLE", str(error), again=False) from error
    context = {"aws:sourcearn": (source,), "aws:sourceaccount": (cloud.account,)}
    if not may_assume(trust, Principal("Service", principal), context):
        message = f"the role {role} does not trust {principal}"
        raise Undelivered("FAILED_TO_ASSUME_ROLE", message, again=False)
