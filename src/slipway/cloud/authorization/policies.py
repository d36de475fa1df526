"""The policies that bear on a request, read from where they are kept and parsed once until they change."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.iam.entities import Entity, entity
from slipway.cloud.iam.policy import MalformedPolicy, Policy, parse
from slipway.cloud.identity import Identity
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.services import owned

log = logging.getLogger(__name__)
T = TypeVar("T")
# botocore's service name → how its VPC endpoints are named, where they differ
ENDPOINTS = {
    "sagemaker": "sagemaker.api",
    "sagemaker-runtime": "sagemaker.runtime",
    "sagemaker-featurestore-runtime": "sagemaker.featurestore-runtime",
    "cloudwatch": "monitoring",
    "ecr": "ecr.api",
    "stepfunctions": "states",
}


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint of a service."""

    id: str
    vpc: str
    policy: Policy | None  # None: it was made without one, which allows all


class Policies:
    """All policies of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._kept: dict[tuple[str, ...], tuple[int, Any]] = {}

    def of_identity(self, who: Identity) -> Entity:
        """Return a user or role with its policies; one without any where it is gone."""
        return self.find("iam", ("entity", who.policies_of), lambda: self._entity(who.policies_of))

    def of_resource(self, service: str, region: str, name: str) -> tuple[Policy, ...]:
        """Return the policy of a resource; none where it has none, or its service has no such policies.

        `name` is a bucket's name, a role's ARN, or what the service calls the resource by.
        """
        if service in OWNED:
            return self._owned(service, region, name)
        read = READERS.get(service)
        if read is None or name in ("", "*"):
            return ()
        owner = "iam" if service == "sts" else service

        def find() -> tuple[Policy, ...]:
            client = inside.client(self._cloud.ground, owner, region)
            try:
                text = read(client, name)
            except (BotoCoreError, ClientError):  # it has none, is not there, or has no such name
                return ()
            return parsed(text, name, "resource")

        return self.find(owner, (service, region, name), find)

    def key_arn(self, region: str, name: str) -> str:
        """Return the ARN of the key that an ARN, id or alias means; itself where there is none."""

        def find() -> str:
            try:
                kms = inside.client(self._cloud.ground, "kms", region)
                return str(kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"])
            except ClientError:
                return name

        return self.find("kms", ("key", region, name), find)

    def secret_arn(self, region: str, name: str) -> str:
        """Return the whole ARN of the secret that a name or ARN means; itself where there is none."""

        def find() -> str:
            try:
                secrets = inside.client(self._cloud.ground, "secretsmanager", region)
                return str(secrets.describe_secret(SecretId=name)["ARN"])
            except ClientError:
                return name

        return self.find("secretsmanager", ("secret", region, name), find)

    def warehouse_arn(self, region: str, arn: str) -> str:
        """Return the ARN, with its id, of the namespace or workgroup in whose ARN a name stands."""
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if kind not in ("namespace", "workgroup"):
            return arn
        service, operation = "redshift-serverless", f"Get{kind.capitalize()}"
        call = Call(self._cloud, service, operation, region, "")
        try:
            found = owned(service).operations[operation](call, {f"{kind}Name": name})
        except ServiceError:  # there is none
            return arn
        return str(found[kind][f"{kind}Arn"])

    def endpoint(self, subnets: tuple[str, ...], service: str, region: str) -> Endpoint | None:
        """Return the VPC endpoint through which calls of a service go from subnets, or None."""
        return self.find(
            "ec2",
            ("endpoint", *subnets, service, region),
            lambda: self._endpoint(subnets, service, region),
        )

    def find(self, service: str, key: tuple[str, ...], find: Callable[[], T]) -> T:
        """Return what was found, as long as the service's resources have not changed since."""
        version = self._cloud.ground.version(service)
        kept = self._kept.get(key)
        if kept is None or kept[0] != version:
            kept = self._kept[key] = (version, find())
        found: T = kept[1]
        return found

    def _owned(self, service: str, region: str, arn: str) -> tuple[Policy, ...]:
        """Return the policy of a resource of a service whose state is the cloud's own."""
        kind, operation, member = OWNED[service]
        if f":{kind}" not in arn:
            return ()
        call = Call(self._cloud, service, operation, region, "")
        try:
            text = owned(service).operations[operation](call, {member: arn}).get("Policy")
        except ServiceError:  # it has none, or is not there
            return ()
        return parsed(text, arn, "resource") if text else ()

    def _entity(self, arn: str) -> Entity:
        try:
            return entity(Call(self._cloud, "iam", "", self._cloud.region, ""), arn)
        except ServiceError:
            return Entity(arn, (), None)
        except MalformedPolicy as error:
            log.warning("%s has a policy that cannot be read, so it may do nothing: %s", arn, error)
            return Entity(arn, (), None)

    def _endpoint(self, subnets: tuple[str, ...], service: str, region: str) -> Endpoint | None:
        ec2 = inside.client(self._cloud.ground, "ec2", region)
        try:
            vpc = ec2.describe_subnets(SubnetIds=list(subnets[:1]))["Subnets"][0]["VpcId"]
        except (ClientError, IndexError):
            return None
        wanted = f"com.amazonaws.{region}.{ENDPOINTS.get(service, service)}"
        filters = [{"Name": "vpc-id", "Values": [vpc]}]
        for each in ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]:
            if each["ServiceName"] == wanted:
                text = each.get("PolicyDocument")
                policies = parsed(text, each["VpcEndpointId"], "resource") if text else ()
                return Endpoint(each["VpcEndpointId"], vpc, policies[0] if policies else None)
        return None


def of_session(texts: tuple[str, ...] | None) -> tuple[Policy, ...] | None:
    """Return the policies that a session was limited to; None where there is no such limit."""
    if texts is None:
        return None
    return tuple(policy for text in texts for policy in parsed(text, "session policy", "none"))


@lru_cache(maxsize=1024)
def parsed(text: str, name: str, kind: str) -> tuple[Policy, ...]:
    """Return the policy of a text; none for a text that is no policy."""
    try:
        return (parse(text, name, kind),)
    except MalformedPolicy as error:
        log.warning("a policy of %s cannot be read, so it does not count: %s", name, error)
        return ()


def of_queue(sqs: Any, name: str) -> str:
    """Return the policy of a queue."""
    url = sqs.get_queue_url(QueueName=name.rpartition(":")[2])["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return str(found.get("Attributes", {}).get("Policy", EMPTY))


def of_trust(iam: Any, arn: str) -> str:
    """Return the trust policy of a role as text."""
    role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    return json.dumps(role["AssumeRolePolicyDocument"]) if role["Arn"] == arn else EMPTY


# Service → the kind of resource in an ARN, the operation that shows its policy, and by which member
OWNED = {
    "lambda": ("function:", "GetPolicy", "FunctionName"),
    "events": ("event-bus/", "DescribeEventBus", "Name"),
}
EMPTY = '{"Version": "2012-10-17", "Statement": []}'
READERS: dict[str, Callable[[Any, str], str]] = {
    "s3": lambda s3, bucket: s3.get_bucket_policy(Bucket=bucket)["Policy"],
    "kms": lambda kms, key: kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
    "sqs": of_queue,
    "sns": lambda sns, topic: sns.get_topic_attributes(TopicArn=topic)["Attributes"].get(
        "Policy", EMPTY
    ),
    "secretsmanager": lambda secrets, name: secrets.get_resource_policy(SecretId=name).get(
        "ResourcePolicy", EMPTY
    ),
    "ecr": lambda ecr, arn: ecr.get_repository_policy(
        repositoryName=arn.partition(":repository/")[2]
    )["policyText"],
    "sts": of_trust,
}
