"""AWS::Config, AWS::CloudTrail, AWS::Budgets and AWS::ResourceGroups: who keeps an eye on the account."""

from typing import Any

from slipway.cloud.cloudformation import attempts, members, naming
from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.members import text
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently, settled

STACK = {"Type": "CLOUDFORMATION_STACK_1_0"}

RECORDER = 120  # seconds that a delivery channel waits for its recorder


def recorded(asked: Asked) -> Properties:
    """Return a channel's properties once there is a recorder: a template makes both at a time.

    A channel that is there waits for none: the recorder may be deleted before it.
    """
    config = asked.client("config")
    if config.describe_delivery_channels()["DeliveryChannels"]:
        return asked.properties

    def look() -> Any:
        if asked.cancelled():
            raise Failed("Resource creation cancelled")
        return config.describe_configuration_recorders()["ConfigurationRecorders"]

    settled(look, "[0]", "", RECORDER)
    return asked.properties


def record(asked: Asked, made: Made, before: Properties) -> None:
    """Start the recorder, which has somewhere to deliver to now."""
    client = asked.client("config")
    for one in client.describe_configuration_recorders()["ConfigurationRecorders"]:
        client.start_configuration_recorder(ConfigurationRecorderName=one["name"])


def pause(asked: Asked, made: Made) -> None:
    """Stop the recorder, which has nowhere to deliver to any more."""
    client = asked.client("config")
    for one in client.describe_configuration_recorders()["ConfigurationRecorders"]:
        client.stop_configuration_recorder(ConfigurationRecorderName=one["name"])


def follow(asked: Asked, made: Made, before: Properties) -> None:
    """Turn a trail on or off."""
    on = members.scalar("boolean", asked.properties["IsLogging"], "#/IsLogging")
    client = asked.client("cloudtrail")
    (client.start_logging if on else client.stop_logging)(Name=made.physical_id)


def grouped(asked: Asked) -> Properties:
    """Return a group's properties as the API has them: without a query, of the stack."""
    given = dict(asked.properties)
    if query := given.get("ResourceQuery"):
        of = query.get("Query") or {"ResourceTypeFilters": ["AWS::AllSupported"]}
        if query["Type"] == STACK["Type"]:
            of = {"StackIdentifier": asked.stack, **of}
        given["ResourceQuery"] = {"Type": query["Type"], "Query": text(of)}
    return given


def budget(asked: Asked) -> Made:
    """Make AWS::Budgets::Budget."""
    client, given = asked.client("budgets"), asked.properties
    name = given["Budget"].get("BudgetName") or naming.physical(
        asked.stack_name, asked.logical_id, asked.token, 100
    )
    again = attempts.begin(asked)
    if not (
        again and gently(client.describe_budget, AccountId=asked.cloud.account, BudgetName=name)
    ):
        client.create_budget(**wished(asked, name))
    attempts.made(asked, name)
    return Made(name, {"Id": name})


def wished(asked: Asked, name: str) -> dict[str, Any]:
    """Return the request for a budget."""
    given = asked.properties
    shape = members.operation("budgets", "CreateBudget").input_shape
    notices = given.get("NotificationsWithSubscribers") or []
    request = {
        "AccountId": asked.cloud.account,
        "Budget": {**given["Budget"], "BudgetName": name},
        "NotificationsWithSubscribers": notices,
        "ResourceTags": members.tags(
            shape.members["ResourceTags"], members.merged(asked.tags, given.get("ResourceTags"))
        ),
    }
    found: dict[str, Any] = members.value(shape, request, "#")
    return found


def change_budget(asked: Asked, made: Made, before: Properties) -> Made:
    """Put a budget in place of the one of its name: the ground cannot change one."""
    name = asked.properties["Budget"].get("BudgetName") or made.physical_id
    if asked.properties != before:
        forget_budget(asked, made)
        asked.client("budgets").create_budget(**wished(asked, name))
    return Made(name, {"Id": name})


def forget_budget(asked: Asked, made: Made) -> None:
    """Remove a budget."""
    which = {"AccountId": asked.cloud.account, "BudgetName": made.physical_id}
    gently(asked.client("budgets").delete_budget, **which)


def delete_budget(asked: Asked, made: Made) -> None:
    """Remove a budget for good."""
    forget_budget(asked, made)
    attempts.forget(asked, made.physical_id)


ALL = (
    Declared(
        "AWS::Config::ConfigRule",
        "config",
        create="PutConfigRule",
        update="PutConfigRule",
        delete="DeleteConfigRule",
        read="DescribeConfigRules",
        resource="ConfigRules[0]",
        within="ConfigRule",
        named="ConfigRuleName",
        longest=128,
        keys={"ConfigRuleName": "@"},
        read_keys={"ConfigRuleNames": ["@"]},
        attributes={"Arn": "ConfigRuleArn", "ConfigRuleId": "ConfigRuleId"},
        tags="",
        ignored={"Compliance": "AWS Config says it, not the template"},
        replacing=frozenset({"ConfigRuleName"}),
        note="kept and shown; nothing evaluates resources",
    ),
    Declared(
        "AWS::Config::ConfigurationRecorder",
        "config",
        create="PutConfigurationRecorder",
        update="PutConfigurationRecorder",
        delete="DeleteConfigurationRecorder",
        read="DescribeConfigurationRecorders",
        resource="ConfigurationRecorders[0]",
        within="ConfigurationRecorder",
        named="Name",
        keys={"ConfigurationRecorderName": "@"},
        read_keys={"ConfigurationRecorderNames": ["@"]},
        tags="",
        refused={
            "RecordingMode": "recorders record all the time",
            "StartedOnCreate": "a recorder starts when it has a delivery channel",
        },
        replacing=frozenset({"Name"}),
        note="kept and shown; nothing records changes",
    ),
    Declared(
        "AWS::Config::DeliveryChannel",
        "config",
        create="PutDeliveryChannel",
        update="PutDeliveryChannel",
        delete="DeleteDeliveryChannel",
        read="DescribeDeliveryChannels",
        resource="DeliveryChannels[0]",
        within="DeliveryChannel",
        named="Name",
        keys={"DeliveryChannelName": "@"},
        read_keys={"DeliveryChannelNames": ["@"]},
        tags="",
        form=recorded,
        after=record,
        before_delete=pause,
        passing="NoAvailableConfigurationRecorderException",
        replacing=frozenset({"Name"}),
        note="kept and shown; nothing is delivered",
    ),
    Declared(
        "AWS::CloudTrail::Trail",
        "cloudtrail",
        create="CreateTrail",
        update="UpdateTrail",
        delete="DeleteTrail",
        read="GetTrail",
        resource="Trail",
        named="TrailName",
        longest=128,
        keys={"Name": "@", "TrailName": "@"},
        renamed={"TrailName": "Name"},
        attributes={"Arn": "TrailARN", "SnsTopicArn": "SnsTopicARN"},
        parts=(
            Part("EventSelectors", "PutEventSelectors"),
            Part("AdvancedEventSelectors", "PutEventSelectors"),
            Part("InsightSelectors", "PutInsightSelectors"),
        ),
        hooked=frozenset({"IsLogging"}),
        after=follow,
        tagging=(
            "AddTags",
            "RemoveTags",
            {"ResourceId": "=arn:aws:cloudtrail:{region}:{account}:trail/{id}"},
        ),
        refused={"AggregationConfigurations": "nothing records calls"},
        replacing=frozenset({"TrailName"}),
        note="kept and shown; nothing records calls",
    ),
    Own(
        "AWS::Budgets::Budget",
        budget,
        change_budget,
        delete_budget,
        frozenset({"Budget", "NotificationsWithSubscribers", "ResourceTags"}),
        frozenset({"NotificationsWithSubscribers"}),
        note="kept and shown; nothing costs anything here, so nobody is notified",
    ),
    Declared(
        "AWS::ResourceGroups::Group",
        "resource-groups",
        create="CreateGroup",
        delete="DeleteGroup",
        read="GetGroup",
        resource="Group",
        named="Name",
        longest=128,
        keys={"GroupName": "@"},
        attributes={"Arn": "GroupArn"},
        form=grouped,
        parts=(
            Part("Description", "UpdateGroup"),
            Part("ResourceQuery", "UpdateGroupQuery"),
            Part("Configuration", "PutGroupConfiguration"),
        ),
        tagging=(
            "Tag",
            "Untag",
            {"Arn": "=arn:aws:resource-groups:{region}:{account}:group/{id}"},
        ),
        refused={"Resources": "a group is what its query finds"},
        replacing=frozenset({"Name"}),
    ),
)
TYPES = by_name(*ALL)
