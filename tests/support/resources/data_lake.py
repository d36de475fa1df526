"""Examples of AWS::Glue, AWS::Athena, AWS::LakeFormation and AWS::S3::AccessPoint."""

import json

from resources.making import ACCOUNT, REGION, TEAM, Example

ROLE = f"arn:aws:iam::{ACCOUNT}:role/crawls"
DATABASE = {"CatalogId": ACCOUNT, "DatabaseInput": {"Name": "Examples"}}


def table(*columns):
    storage = {
        "Columns": [{"Name": name, "Type": "string"} for name in columns],
        "Location": "s3://bucket/reviews/",
    }
    return {"TableInput": {"Name": "reviews", "StorageDescriptor": storage}}


def columns(world, made):
    found = world.client("glue").get_table(DatabaseName="for-tables", Name=made.physical_id)
    return [each["Name"] for each in found["Table"]["StorageDescriptor"]["Columns"]]


def crawler(world, made):
    glue = world.client("glue")
    found = glue.get_crawler(Name=made.physical_id)["Crawler"]
    arn = f"arn:aws:glue:{REGION}:{ACCOUNT}:crawler/{made.physical_id}"
    schedule = found.get("Schedule", {}).get("ScheduleExpression")
    return schedule, found["Version"] > 1, glue.get_tags(ResourceArn=arn)["Tags"]


def tagged(kind, *path):
    """Return what shows a member of a Glue resource, and its tags."""

    def show(world, made):
        glue = world.client("glue")
        name = {"JobName" if kind == "job" else "Name": made.physical_id}
        found = getattr(glue, f"get_{kind}")(**name)
        for each in path:
            found = found[each]
        arn = f"arn:aws:glue:{REGION}:{ACCOUNT}:{kind}/{made.physical_id}"
        return found, glue.get_tags(ResourceArn=arn)["Tags"]

    return show


def security(world, made):
    found = world.client("glue").get_security_configuration(Name=made.physical_id)
    return found["SecurityConfiguration"]["EncryptionConfiguration"]


def encrypted(mode):
    return {"EncryptionConfiguration": {"S3Encryptions": [{"S3EncryptionMode": mode}]}}


def catalog(world, made):
    found = world.client("glue").get_data_catalog_encryption_settings(CatalogId=made.physical_id)
    rest = found["DataCatalogEncryptionSettings"]["EncryptionAtRest"]["CatalogEncryptionMode"]
    return None if rest == "DISABLED" else rest


def at_rest(mode):
    return {"DataCatalogEncryptionSettings": {"EncryptionAtRest": {"CatalogEncryptionMode": mode}}}


def work_group(world, made):
    athena = world.client("athena")
    names = [each["Name"] for each in athena.list_work_groups()["WorkGroups"]]
    if made.physical_id not in names:
        return None
    found = athena.get_work_group(WorkGroup=made.physical_id)["WorkGroup"]
    arn = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/{made.physical_id}"
    tags = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    configuration = found["Configuration"]
    return (
        found["Description"],
        configuration.get("BytesScannedCutoffPerQuery"),
        configuration["ResultConfiguration"].get("OutputLocation"),
        {tag["Key"]: tag["Value"] for tag in tags},
    )


def named_query(world, made):
    athena = world.client("athena")
    if made.physical_id not in athena.list_named_queries()["NamedQueryIds"]:
        return None
    return athena.get_named_query(NamedQueryId=made.physical_id)["NamedQuery"]["QueryString"]


def permissions(world, made):
    found = world.client("lakeformation").list_permissions(CatalogId=ACCOUNT)
    who = made.physical_id.partition("|")[0]
    return [
        sorted(each["Permissions"])
        for each in found["PrincipalResourcePermissions"]
        if each["Principal"]["DataLakePrincipalIdentifier"] == who and each["Permissions"]
    ]


def settings(world, made):
    found = world.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    return [each["DataLakePrincipalIdentifier"] for each in found["DataLakeAdmins"]]


def admins(name):
    return {"Admins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/{name}"}]}


def location(world, made):
    found = world.client("lakeformation").describe_resource(ResourceArn=made.physical_id)
    return found["ResourceInfo"]["RoleArn"]


def lf_tag(world, made):
    found = world.client("lakeformation").get_lf_tag(TagKey=made.physical_id)
    return sorted(found["TagValues"])


def access_point(world, made):
    control, which = world.client("s3control"), {"AccountId": ACCOUNT, "Name": made.physical_id}
    found = control.get_access_point(**which)
    policy = control.get_access_point_policy(**which)["Policy"]
    effect = json.loads(policy)["Statement"][0]["Effect"]
    return found["VpcConfiguration"]["VpcId"], effect


def policy(effect):
    statement = {
        "Effect": effect,
        "Principal": {"AWS": ACCOUNT},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/team/object/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


WHOLE = {"Table": {"CatalogId": ACCOUNT, "DatabaseName": "d", "TableWildcard": {}}}
EXAMPLES = [
    Example(
        "AWS::Glue::Database",
        lambda w: DATABASE,
        lambda w: {"DatabaseInput": {"Name": "Examples", "Description": "ours"}},
        lambda w, made: (
            w.client("glue").get_database(Name=made.physical_id)["Database"].get("Description")
            or made.physical_id
        ),
        "examples",
        "ours",
    ),
    Example(
        "AWS::Glue::Table",
        lambda w: {
            "CatalogId": ACCOUNT,
            "DatabaseName": w.one(
                "AWS::Glue::Database", CatalogId=ACCOUNT, DatabaseInput={"Name": "for-tables"}
            ).physical_id,
            **table("id"),
        },
        lambda w: table("id", "stars"),
        columns,
        ["id"],
        ["id", "stars"],
    ),
    Example(
        "AWS::Glue::Crawler",
        lambda w: {
            "Name": "nightly",
            "Role": ROLE,
            "Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]},
            "Tags": {"a": "b"},
        },
        lambda w: {"Schedule": {"ScheduleExpression": "cron(0 3 * * ? *)"}, "Tags": {"a": "c"}},
        crawler,
        (None, False, TEAM | {"a": "b"}),
        ("cron(0 3 * * ? *)", True, TEAM | {"a": "c"}),
    ),
    Example(
        "AWS::Glue::Job",
        lambda w: {"Role": ROLE, "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/a.py"}},
        lambda w: {"Command": {"Name": "glueetl", "ScriptLocation": "s3://b/b.py"}},
        tagged("job", "Job", "Command", "ScriptLocation"),
        ("s3://b/a.py", TEAM),
        ("s3://b/b.py", TEAM),
    ),
    Example(
        "AWS::Glue::Trigger",
        lambda w: {
            "Type": "SCHEDULED",
            "Schedule": "cron(0 3 * * ? *)",
            "Actions": [{"CrawlerName": "nightly"}],
        },
        lambda w: {"Schedule": "cron(0 4 * * ? *)", "Tags": {"a": "b"}},
        tagged("trigger", "Trigger", "Schedule"),
        ("cron(0 3 * * ? *)", TEAM),
        ("cron(0 4 * * ? *)", TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::Glue::SecurityConfiguration",
        lambda w: {"Name": "lake", **encrypted("DISABLED")},
        lambda w: encrypted("SSE-S3"),
        security,
        {"S3Encryption": [{"S3EncryptionMode": "DISABLED"}]},
        {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]},
    ),
    Example(
        "AWS::Glue::DataCatalogEncryptionSettings",
        lambda w: {"CatalogId": ACCOUNT, **at_rest("SSE-KMS")},
        lambda w: at_rest("SSE-KMS-WITH-SERVICE-ROLE"),
        catalog,
        "SSE-KMS",
        "SSE-KMS-WITH-SERVICE-ROLE",
    ),
    Example(
        "AWS::Athena::WorkGroup",
        lambda w: {
            "Name": "analysts",
            "Description": "first",
            "WorkGroupConfiguration": {
                "BytesScannedCutoffPerQuery": "10000000",
                "ResultConfiguration": {"OutputLocation": "s3://results/a/"},
            },
            "RecursiveDeleteOption": "true",
        },
        lambda w: {
            "Description": "second",
            "WorkGroupConfiguration": {
                "ResultConfiguration": {"OutputLocation": "s3://results/b/"}
            },
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        work_group,
        ("first", 10000000, "s3://results/a/", TEAM),
        ("second", None, "s3://results/b/", TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::Athena::NamedQuery",
        lambda w: {"Database": "d", "QueryString": "SELECT 1"},
        lambda w: {},
        named_query,
        "SELECT 1",
        "SELECT 1",
    ),
    Example(
        "AWS::LakeFormation::PrincipalPermissions",
        lambda w: {
            "Principal": {"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/one"},
            "Resource": WHOLE,
            "Permissions": ["SELECT", "DESCRIBE"],
            "PermissionsWithGrantOption": [],
        },
        lambda w: {},
        permissions,
        [["DESCRIBE", "SELECT"]],
        [["DESCRIBE", "SELECT"]],
    ),
    Example(
        "AWS::LakeFormation::Permissions",
        lambda w: {
            "DataLakePrincipal": {
                "DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/two"
            },
            "Resource": {"DatabaseResource": {"CatalogId": ACCOUNT, "Name": "d"}},
            "Permissions": ["DESCRIBE"],
        },
        lambda w: {"Permissions": ["ALTER"]},
        permissions,
        [["DESCRIBE"]],
        [["ALTER"]],
    ),
    Example(
        "AWS::LakeFormation::DataLakeSettings",
        lambda w: admins("first"),
        lambda w: admins("second"),
        settings,
        [f"arn:aws:iam::{ACCOUNT}:role/first"],
        [f"arn:aws:iam::{ACCOUNT}:role/second"],
    ),
    Example(
        "AWS::LakeFormation::Resource",
        lambda w: {
            "ResourceArn": "arn:aws:s3:::lake",
            "UseServiceLinkedRole": False,
            "RoleArn": ROLE,
        },
        lambda w: {},
        location,
        ROLE,
        ROLE,
    ),
    Example(
        "AWS::LakeFormation::Tag",
        lambda w: {"TagKey": "grade", "TagValues": ["public", "secret"]},
        lambda w: {"TagValues": ["public", "internal"]},
        lf_tag,
        ["public", "secret"],
        ["internal", "public"],
    ),
    Example(
        "AWS::S3::AccessPoint",
        lambda w: {
            "Name": "team",
            "Bucket": w.one("AWS::S3::Bucket").physical_id,
            "VpcConfiguration": {"VpcId": "vpc-1"},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"},
            "Policy": policy("Allow"),
        },
        lambda w: {"Policy": policy("Deny")},
        access_point,
        ("vpc-1", "Allow"),
        ("vpc-1", "Deny"),
    ),
]
