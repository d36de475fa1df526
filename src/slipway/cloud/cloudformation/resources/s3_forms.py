"""The properties of AWS::S3::Bucket that its API has in another form. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.cloudformation import members
from slipway.cloud.cloudformation.resource import Asked, Failed

Form = dict[str, Any]
ACLS = {  # canned ones, as templates and the API write them
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerRead": "bucket-owner-read",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "AwsExecRead": "aws-exec-read",
}


def checked(operation: str, member: str, given: Any) -> Form:
    """Return a request of one member, its own members checked against the API's."""
    shape = members.operation("s3", operation).input_shape.members[member]
    return {member: members.value(shape, given, f"#/{member}")}


def acl(_: Asked, given: str) -> Form:
    """Return a canned ACL."""
    if given not in ACLS:
        raise Failed(f"#/AccessControl: expected one of {', '.join(ACLS)}, found {given!r}")
    return {"ACL": ACLS[given]}


def encryption(_: Asked, given: Mapping[str, Any]) -> Form:
    """Return the default encryption."""
    rules = []
    for rule in given["ServerSideEncryptionConfiguration"]:
        rest = dict(rule)
        default = rest.pop("ServerSideEncryptionByDefault", None)
        rules.append({"ApplyServerSideEncryptionByDefault": default, **rest} if default else rest)
    return checked("PutBucketEncryption", "ServerSideEncryptionConfiguration", {"Rules": rules})


def lifecycle(_: Asked, given: Mapping[str, Any]) -> Form:
    """Return the rules by which objects end and change their class of storage."""
    rules = {"Rules": [rule(one) for one in given["Rules"]]}
    form = checked("PutBucketLifecycleConfiguration", "LifecycleConfiguration", rules)
    if size := given.get("TransitionDefaultMinimumObjectSize"):
        form["TransitionDefaultMinimumObjectSize"] = size
    return form


def rule(given: Mapping[str, Any]) -> Form:
    """Return one rule of a lifecycle."""
    rest = dict(given)
    made: Form = {"Status": rest.pop("Status"), "Filter": matched(rest)}
    if name := rest.pop("Id", None):
        made["ID"] = name
    expiration = {
        "Days": rest.pop("ExpirationInDays", None),
        "Date": rest.pop("ExpirationDate", None),
        "ExpiredObjectDeleteMarker": rest.pop("ExpiredObjectDeleteMarker", None),
    }
    made["Expiration"] = present(expiration)
    made["Transitions"] = [
        present(
            {
                "StorageClass": one["StorageClass"],
                "Days": one.get("TransitionInDays"),
                "Date": one.get("TransitionDate"),
            }
        )
        for one in several(rest, "Transition")
    ]
    made["NoncurrentVersionTransitions"] = [
        present(
            {
                "StorageClass": one["StorageClass"],
                "NoncurrentDays": one.get("TransitionInDays"),
                "NewerNoncurrentVersions": one.get("NewerNoncurrentVersions"),
            }
        )
        for one in several(rest, "NoncurrentVersionTransition")
    ]
    if days := rest.pop("NoncurrentVersionExpirationInDays", None):
        rest["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    return {name: value for name, value in made.items() if value or name == "Filter"} | rest


def matched(rest: Form) -> Form:
    """Take out of a rule what says for which objects it is; return it as a filter."""
    conditions: Form = present(
        {
            "Prefix": rest.pop("Prefix", None),
            "ObjectSizeGreaterThan": rest.pop("ObjectSizeGreaterThan", None),
            "ObjectSizeLessThan": rest.pop("ObjectSizeLessThan", None),
        }
    )
    tags = rest.pop("TagFilters", None) or []
    if len(conditions) + len(tags) > 1:
        return {"And": conditions | ({"Tags": tags} if tags else {})}
    if tags:
        return {"Tag": tags[0]}
    return conditions or {"Prefix": ""}


def several(rest: Form, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the transitions of a rule: one, or a list of them."""
    if one := rest.pop(name, None):
        yield one
    yield from rest.pop(name + "s", None) or []


def tiering(given: Mapping[str, Any]) -> Form:
    """Return a configuration of Intelligent-Tiering."""
    rest = dict(given)
    name, status, tierings = rest.pop("Id"), rest.pop("Status"), rest.pop("Tierings")
    found = matched(rest)
    if rest:
        raise Failed(
            f"#/IntelligentTieringConfigurations: extraneous key [{next(iter(rest))}] is not permitted"
        )
    form: Form = {"Id": name, "Status": status, "Tierings": [dict(one) for one in tierings]}
    for one in form["Tierings"]:
        one["Days"] = int(one["Days"])
    return form | ({} if found == {"Prefix": ""} else {"Filter": found})


def cors(_: Asked, given: Mapping[str, Any]) -> Form:
    """Return the rules for requests of web pages."""
    names = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    rules = [{names.get(name, name): of for name, of in one.items()} for one in given["CorsRules"]]
    return checked("PutBucketCors", "CORSConfiguration", {"CORSRules": rules})


def logging(_: Asked, given: Mapping[str, Any]) -> Form:
    """Return where access is logged."""
    names = {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"}
    enabled = {names.get(name, name): of for name, of in given.items()}
    enabled.setdefault("TargetPrefix", "")
    return checked("PutBucketLogging", "BucketLoggingStatus", {"LoggingEnabled": enabled})


def notification(_: Asked, given: Mapping[str, Any]) -> Form:
    """Return who hears of a bucket's objects."""
    bus = given.get("EventBridgeConfiguration")
    for name in given:
        if name != "EventBridgeConfiguration":
            raise Failed(
                f"The local cloud does not support AWS::S3::Bucket NotificationConfiguration.{name}: "
                "S3 sends its events to EventBridge alone; enable EventBridgeConfiguration and add a rule."
            )
    on = bus is not None and str(bus.get("EventBridgeEnabled", True)).lower() == "true"
    return {"NotificationConfiguration": {"EventBridgeConfiguration": {}} if on else {}}


def present(given: Form) -> Form:
    """Return what is there."""
    return {name: value for name, value in given.items() if value is not None}
