"""What a template refers to outside of itself, asked of the other services as the deployer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import api, inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation.stack import Stack
from slipway.cloud.cloudformation.store import EXPORT, Store
from slipway.cloud.cloudformation.text import TemplateError
from slipway.cloud.credentials import Credentials, for_role
from slipway.cloud.iam.evaluate import Principal, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, parse

SERVICE = Principal("Service", "cloudformation.amazonaws.com")
SESSION = "AWSCloudFormation"


def trusted(cloud: Cloud, region: str, role: str) -> bool:
    """Tell whether there is a role, and CloudFormation may assume it."""
    iam = inside.client(cloud.ground, "iam", region)
    try:
        found = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]
        policy = parse(found.get("AssumeRolePolicyDocument") or {}, "trust", "resource")
        return bool(found["Arn"] == role and may_assume(policy, SERVICE, {}))
    except (ClientError, MalformedPolicy):
        return False


def clients(cloud: Cloud, region: str, access_key: str, role: str) -> Callable[[str], Any]:
    """Return boto3 clients by service name: of the role where there is one, else of the caller."""
    if role:
        of = for_role(cloud, region, role, SESSION)
    else:
        of = Credentials(access_key, "slipway", "") if access_key else api.OWN
    return lambda service: api.client(cloud, service, region, of)


class Lookups:
    """What functions and parameters of a template refer to outside of it."""

    def __init__(self, store: Store, client: Callable[[str], Any]) -> None:
        self._store = store
        self._client = client
        self.imports: dict[str, None] = {}  # the exports that were asked for
        self._zones: dict[str, list[str]] = {}

    def zones(self, region: str) -> list[str]:
        """Return a region's availability zones."""
        if region not in self._zones:
            wanted = [{"Name": "region-name", "Values": [region]}]
            answer = self._client("ec2").describe_availability_zones(Filters=wanted)
            self._zones[region] = sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])
        return self._zones[region]

    def imported(self, name: str) -> str:
        """Return the value of another stack's export; TemplateError when there is none."""
        found = self._store.kept(EXPORT).get(name)
        if found is None:
            raise TemplateError(f"No export named {name} found.")
        self.imports[name] = None
        return str(found["Value"])

    def stored(self, name: str) -> str | None:
        """Return a value of the Parameter Store; None when there is none."""
        try:
            answer = self._client("ssm").get_parameter(Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise TemplateError(f"Could not read the parameter {name}: {error}") from error
        return str(answer["Parameter"]["Value"])


def export(store: Store, stack: Stack, outputs: Sequence[Mapping[str, str]]) -> None:
    """Make a stack's outputs its exports.

    Raises:
        TemplateError: A name is another stack's, or others use what would be changed or removed.
    """
    kept = store.kept(EXPORT)
    wanted = {each["ExportName"]: each["OutputValue"] for each in outputs if "ExportName" in each}
    for name, value in wanted.items():
        found = kept.get(name)
        if found and found["StackId"] != stack.id:
            owner = store.stack(found["StackId"]).name
            raise TemplateError(f"Export with name {name} is already exported by stack {owner}")
        if found and found["Value"] != value and (users := importers(store, name)):
            raise TemplateError(in_use(name, users, "updated"))
    gone = [name for name, found in kept.all() if found["StackId"] == stack.id]
    for name in gone:
        if name not in wanted and (users := importers(store, name)):
            raise TemplateError(in_use(name, users, "deleted"))
    with store.transaction():
        for name in gone:
            kept.delete(name)
        for name, value in wanted.items():
            kept.create(name, {"StackId": stack.id, "Value": value})


def importers(store: Store, name: str) -> list[str]:
    """Return the names of the stacks that use an export."""
    return [
        each.name
        for each in store.stacks()
        if name in each.imports and each.status != "DELETE_COMPLETE"
    ]


def in_use(name: str, users: list[str], what: str) -> str:
    """Return why an export stays as it is."""
    return f"Export {name} cannot be {what} as it is in use by {' and '.join(users)}"
