"""Examples of who may do what: IAM."""

from resources.making import TEAM, Example


def trust(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(action):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }


def managed(name):
    return f"arn:aws:iam::aws:policy/{name}"


def principal(kind):
    """Return what IAM shows of the policies of a role, user or group."""

    def show(world, made):
        iam, which = world.client("iam"), {f"{kind}Name": made.physical_id}
        own = kind.lower()
        getattr(iam, f"get_{own}")(**which)
        attached = getattr(iam, f"list_attached_{own}_policies")(**which)["AttachedPolicies"]
        inline = getattr(iam, f"list_{own}_policies")(**which)["PolicyNames"]
        return sorted(one["PolicyName"] for one in attached), inline

    return show


def role(world, made):
    found = world.client("iam").get_role(RoleName=made.physical_id)["Role"]
    who = found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    return (
        who,
        found.get("Description"),
        found["MaxSessionDuration"],
        tags,
        principal("Role")(world, made),
    )


def holders(world, made):
    versions = world.client("iam").list_policy_versions(PolicyArn=made.physical_id)["Versions"]
    (current,) = (one["VersionId"] for one in versions if one["IsDefaultVersion"])
    policy = world.client("iam").get_policy_version(PolicyArn=made.physical_id, VersionId=current)
    of = world.client("iam").list_entities_for_policy(PolicyArn=made.physical_id)
    document = policy["PolicyVersion"]["Document"]
    return document["Statement"][0]["Action"], [len(of[k]) for k in ("PolicyRoles", "PolicyGroups")]


def inline(world, made):
    role = world.role().rpartition("/")[2]
    found = world.client("iam").get_role_policy(RoleName=role, PolicyName="of-the-example")
    return found["PolicyDocument"]["Statement"][0]["Action"]


EXAMPLES = [
    Example(
        "AWS::IAM::Role",
        lambda w: {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Description": "one",
            "ManagedPolicyArns": [managed("ReadOnlyAccess")],
            "Policies": [{"PolicyName": "old", "PolicyDocument": allow("s3:GetObject")}],
            "Tags": [{"Key": "slipway:role", "Value": "ops"}],
        },
        lambda w: {
            "AssumeRolePolicyDocument": trust("sagemaker.amazonaws.com"),
            "Description": "two",
            "MaxSessionDuration": "7200",
            "ManagedPolicyArns": [managed("SecurityAudit")],
            "Policies": [{"PolicyName": "new", "PolicyDocument": allow("s3:PutObject")}],
            "Tags": None,
        },
        role,
        (
            "lambda.amazonaws.com",
            "one",
            3600,
            {**TEAM, "slipway:role": "ops"},
            (["ReadOnlyAccess"], ["old"]),
        ),
        ("sagemaker.amazonaws.com", "two", 7200, TEAM, (["SecurityAudit"], ["new"])),
    ),
    Example(
        "AWS::IAM::User",
        lambda w: {
            "ManagedPolicyArns": [managed("ReadOnlyAccess")],
            "Groups": [w.one("AWS::IAM::Group").physical_id],
        },
        lambda w: {"ManagedPolicyArns": None, "Path": "/people/"},
        lambda w, m: (
            principal("User")(w, m),
            w.client("iam").get_user(UserName=m.physical_id)["User"]["Path"],
            len(w.client("iam").list_groups_for_user(UserName=m.physical_id)["Groups"]),
        ),
        ((["ReadOnlyAccess"], []), "/", 1),
        (([], []), "/people/", 1),
    ),
    Example(
        "AWS::IAM::Group",
        lambda w: {"Policies": [{"PolicyName": "read", "PolicyDocument": allow("s3:GetObject")}]},
        lambda w: {"Policies": [{"PolicyName": "write", "PolicyDocument": allow("s3:*")}]},
        principal("Group"),
        ([], ["read"]),
        ([], ["write"]),
    ),
    Example(
        "AWS::IAM::InstanceProfile",
        lambda w: {"Roles": [w.role().rpartition("/")[2]]},
        lambda w: {"Roles": []},
        lambda w, m: len(
            w.client("iam").get_instance_profile(InstanceProfileName=m.physical_id)[
                "InstanceProfile"
            ]["Roles"]
        ),
        1,
        0,
    ),
    Example(
        "AWS::IAM::Policy",
        lambda w: {
            "PolicyName": "of-the-example",
            "PolicyDocument": allow("s3:GetObject"),
            "Roles": [w.role().rpartition("/")[2]],
        },
        lambda w: {"PolicyDocument": allow("s3:PutObject")},
        inline,
        "s3:GetObject",
        "s3:PutObject",
    ),
    Example(
        "AWS::IAM::ManagedPolicy",
        lambda w: {
            "PolicyDocument": allow("s3:GetObject"),
            "Roles": [w.role().rpartition("/")[2]],
        },
        lambda w: {
            "PolicyDocument": allow("s3:PutObject"),
            "Roles": None,
            "Groups": [w.one("AWS::IAM::Group").physical_id],
        },
        holders,
        ("s3:GetObject", [1, 0]),
        ("s3:PutObject", [0, 1]),
    ),
]
