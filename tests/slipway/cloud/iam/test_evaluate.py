"""What a set of policies says about a request."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from slipway.cloud.iam.evaluate import Access, Policies, Principal, decide, judge, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, parse

USER = Principal("AWS", "arn:aws:iam::123456789012:user/ann")
ROLE = Principal("AWS", "arn:aws:iam::123456789012:role/team/job")
SERVICE = Principal("Service", "sagemaker.amazonaws.com")
OBJECT = "arn:aws:s3:::bucket/a/b.txt"


def policy(*statements, kind="none", version="2012-10-17"):
    document = {"Version": version, "Statement": list(statements)}
    return parse(document, "p", kind)


def allow(action="*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="*", resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


def outcome(*statements, action="s3:GetObject", resource=OBJECT, principal=USER, **context):
    keys = {k.replace("_", ":").lower(): (v,) for k, v in context.items()}
    access = Access(action, resource, principal, keys)
    return decide(Policies([policy(*statements)]), access).outcome


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], "implicitDeny"),
        ([allow()], "allowed"),
        ([allow(), deny()], "explicitDeny"),
        ([deny(), allow()], "explicitDeny"),
        ([allow("s3:Get*")], "allowed"),
        ([allow("S3:getobject")], "allowed"),  # actions ignore case
        ([allow("s3:GetObjec?")], "allowed"),
        ([allow("s3:Put*")], "implicitDeny"),
        ([allow(["s3:PutObject", "s3:GetObject"])], "allowed"),
        ([allow(resource="arn:aws:s3:::bucket/*")], "allowed"),
        ([allow(resource="arn:aws:s3:::bucket")], "implicitDeny"),
        ([allow(resource="arn:aws:s3:::Bucket/*")], "implicitDeny"),  # resources do not
        ([allow(resource=["arn:aws:s3:::x", OBJECT])], "allowed"),
        ([allow(resource="arn:aws:s3")], "allowed"),  # cut short: all below it
        ([allow(resource="arn:*:bucket/a/b.txt")], "implicitDeny"),  # no reach over a colon
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "allowed"),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "implicitDeny"),
        ([allow(), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "allowed"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x/*"}], "allowed"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": OBJECT}], "implicitDeny"),
    ],
)
def test_actions_and_resources(statements, expected):
    assert outcome(*statements) == expected


def test_a_scoped_statement_says_nothing_about_every_resource():
    assert outcome(allow(resource="arn:aws:s3:::*"), resource="*") == "implicitDeny"
    assert outcome(allow(resource="*"), resource="*") == "allowed"


@pytest.mark.parametrize(
    ("resource", "version", "expected"),
    [
        ("arn:aws:s3:::bucket/${aws:username}/*", "2012-10-17", "allowed"),
        ("arn:aws:s3:::bucket/${aws:username}/*", "2008-10-17", "implicitDeny"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'a'}/*", "2012-10-17", "allowed"),
        ("arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*", "2012-10-17", "implicitDeny"),
        ("arn:aws:s3:::bucket/a/b${?}txt", "2012-10-17", "implicitDeny"),
        ("arn:aws:s3:::${*}/a/b.txt", "2012-10-17", "implicitDeny"),
    ],
)
def test_policy_variables(resource, version, expected):
    found = policy(allow(resource=resource), version=version)
    access = Access("s3:GetObject", OBJECT, USER, {"aws:username": ("a",)})
    assert decide(Policies([found]), access).outcome == expected


def test_a_wildcard_in_a_variables_value_is_none():
    statement = allow(resource="arn:aws:s3:::bucket/${aws:username}/*")
    access = Access("s3:GetObject", OBJECT, USER, {"aws:username": ("*",)})
    assert decide(Policies([policy(statement)]), access).outcome == "implicitDeny"


def test_a_boundary_limits_what_the_identity_may():
    access = Access("s3:GetObject", OBJECT, ROLE)
    within = decide(Policies([policy(allow())], [policy(allow("s3:*"))]), access)
    assert (within.outcome, within.allowed_by_boundary) == ("allowed", True)
    beyond = decide(Policies([policy(allow())], [policy(allow("sagemaker:*"))]), access)
    assert (beyond.outcome, beyond.allowed_by_boundary) == ("implicitDeny", False)
    denied = decide(Policies([policy(allow())], [policy(allow(), deny("s3:*"))]), access)
    assert (denied.outcome, denied.allowed_by_boundary) == ("explicitDeny", False)
    grants_nothing = decide(Policies([], [policy(allow())]), access)
    assert grants_nothing.outcome == "implicitDeny"


def on_resource(principal, effect="Allow"):
    statement = allow() | {"Principal": principal, "Effect": effect}
    return [policy(statement, kind="resource")]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": ROLE.name}, "allowed"),
        ("*", "allowed"),
        ({"AWS": "*"}, "allowed"),
        ({"AWS": USER.name}, "implicitDeny"),
        ({"Service": "sagemaker.amazonaws.com"}, "implicitDeny"),
        # An account's grant leaves it to the account's own policies
        ({"AWS": "arn:aws:iam::123456789012:root"}, "implicitDeny"),
        ({"AWS": "123456789012"}, "implicitDeny"),
    ],
)
def test_a_resources_policy_grants_to_whom_it_names(principal, expected):
    access = Access("s3:GetObject", OBJECT, ROLE)
    assert decide(Policies(resource=on_resource(principal)), access).outcome == expected


def test_a_resources_policy_denies_even_an_account():
    policies = Policies([policy(allow())], resource=on_resource({"AWS": "123456789012"}, "Deny"))
    assert decide(policies, Access("s3:GetObject", OBJECT, ROLE)).outcome == "explicitDeny"


def test_not_principal_is_everyone_else():
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE.name}, "Action": "*"}
    policies = Policies([policy(allow())], resource=[policy(statement, kind="resource")])
    for principal, expected in ((ROLE, "allowed"), (USER, "explicitDeny")):
        assert decide(policies, Access("s3:GetObject", OBJECT, principal)).outcome == expected


def test_another_accounts_resource_takes_both_sides():
    access = Access("s3:GetObject", OBJECT, ROLE)
    mine, theirs = [policy(allow())], on_resource({"AWS": "123456789012"})
    for identity, resource, expected in (
        (mine, theirs, "allowed"),
        (mine, (), "implicitDeny"),
        ((), theirs, "implicitDeny"),
    ):
        policies = Policies(identity, resource=resource)
        assert decide(policies, access, "999999999999").outcome == expected


def test_a_boundary_does_not_bind_what_a_resource_grants_a_user():
    boundary = [policy(allow("sagemaker:*"))]
    for principal, expected in ((USER, "allowed"), (ROLE, "implicitDeny")):
        policies = Policies((), boundary, on_resource({"AWS": principal.name}))
        assert decide(policies, Access("s3:GetObject", OBJECT, principal)).outcome == expected


def trust(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return policy(statement, kind="resource")


@pytest.mark.parametrize(
    ("principal", "who", "expected"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, SERVICE, True),
        ({"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}, SERVICE, True),
        ({"Service": "lambda.amazonaws.com"}, SERVICE, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, SERVICE, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, USER, True),
        ({"AWS": "999999999999"}, USER, False),
        ("*", SERVICE, True),
    ],
)
def test_trust(principal, who, expected):
    assert may_assume(trust(principal), who, {}) is expected


def test_trust_can_hang_on_the_account_it_acts_for():
    found = trust(
        {"Service": "sagemaker.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
    )
    assert may_assume(found, SERVICE, {"aws:sourceaccount": ("123456789012",)})
    assert not may_assume(found, SERVICE, {"aws:sourceaccount": ("999999999999",)})
    assert not may_assume(found, SERVICE, {})


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, "Effect must be"),
        ({"Effect": "Allow", "Resource": "*"}, "needs Action or NotAction"),
        ({"Effect": "Allow", "Action": "*"}, "needs Resource or NotResource"),
        (allow(NotAction="x"), "exclude each other"),
        (allow(Principal="*"), "names no principal"),
        (allow(Shiny=1), "unknown element"),
        (allow(action={"a": 1}), "expected a string or a list"),
        (allow(Condition={"StringIsh": {"a": "b"}}), "unknown condition operator"),
        (allow(Condition={"Some:StringLike": {"a": "b"}}), "unknown condition operator"),
        (allow(Condition=[]), "Condition must be"),
        ("x", "expected a JSON object"),
    ],
)
def test_what_iam_would_not_take_is_told_with_its_place(statement, text):
    with pytest.raises(MalformedPolicy, match=f"p, statement 1: .*{text}"):
        policy(statement)


@pytest.mark.parametrize("document", ["{", "[]", '"x"', '{"Version": "2020-01-01"}', '{"x": 1}'])
def test_what_is_no_policy_is_refused(document):
    with pytest.raises(MalformedPolicy):
        parse(document, "p", "none")


STATEMENTS = st.lists(
    st.builds(
        lambda effect, member, action, resource: (
            {"Effect": effect, member: action, "Resource": resource}
        ),
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["Action", "NotAction"]),
        st.sampled_from(["*", "s3:*", "s3:GetObject", "iam:*"]),
        st.sampled_from(["*", OBJECT, "arn:aws:s3:::other/*"]),
    ),
    max_size=5,
)


@given(STATEMENTS, STATEMENTS, st.randoms())
def test_order_and_cut_of_policies_do_not_matter(some, others, random):
    together = some + others
    random.shuffle(together)
    access = Access("s3:GetObject", OBJECT, USER)
    apart = decide(Policies([policy(*some), policy(*others)]), access)
    assert decide(Policies([policy(*together)]), access).outcome == apart.outcome


@given(STATEMENTS, STATEMENTS)
def test_one_more_statement_of_an_effect_never_turns_it_round(statements, more):
    before = outcome(*statements)
    allows = [s for s in more if s["Effect"] == "Allow"]
    denies = [s for s in more if s["Effect"] == "Deny"]
    if before == "allowed":
        assert outcome(*statements, *allows) == "allowed"
    else:
        assert outcome(*statements, *denies) != "allowed"


@given(STATEMENTS, STATEMENTS)
def test_a_boundary_never_grants(statements, limits):
    access = Access("s3:GetObject", OBJECT, ROLE)
    bounded = decide(Policies([policy(*statements)], [policy(*limits)]), access)
    if bounded.outcome == "allowed":
        assert outcome(*statements, principal=ROLE) == "allowed"


def test_every_policy_that_aws_publishes_is_read():
    published = json.loads(aws_managed_policies_data)
    assert len(published) > 1000
    for name, found in published.items():
        assert parse(found["Document"], name, "aws-managed").statements


STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource: {"Effect": effect, "Action": action, "Resource": resource},
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.sampled_from(["*", "s3:*", "s3:GetObject", "s3:PutObject"]),
        st.sampled_from(["*", OBJECT, "arn:aws:s3:::bucket/b/*"]),
    ),
    max_size=3,
)


@given(STATEMENTS, STATEMENTS, STATEMENTS, st.sampled_from(["boundary", "session", "endpoint"]))
def test_a_limit_never_widens(own, on_resource, limit, kind):
    access = Access("s3:GetObject", OBJECT, ROLE)
    of_resource = [parse({"Statement": [s | {"Principal": {"AWS": ROLE.name}} for s in on_resource]},
                         "p", "resource")]  # fmt: skip
    free = Policies([policy(*own)], resource=of_resource)
    bound = replace(free, **{kind: [policy(*limit)]})
    if judge(bound, access).outcome == "allowed":
        assert judge(free, access).outcome == "allowed"
    elif judge(free, access).outcome == "allowed":
        assert judge(bound, access).by == kind


@pytest.mark.parametrize(
    ("named", "outcome"),
    [(ROLE.name, "implicitDeny"), ("arn:aws:sts::123456789012:assumed-role/job/ann", "allowed")],
)
def test_a_resource_that_names_the_session_is_not_limited_by_what_limits_the_role(named, outcome):
    session = replace(ROLE, others=("arn:aws:sts::123456789012:assumed-role/job/ann",))
    grant = parse({"Statement": [allow() | {"Principal": {"AWS": named}}]}, "p", "resource")
    policies = Policies(resource=[grant], session=[policy(allow("s3:PutObject"))])
    assert judge(policies, Access("s3:GetObject", OBJECT, session)).outcome == outcome


def test_a_resource_that_must_consent_has_the_last_word():
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    access = Access("kms:Decrypt", key, ROLE)
    own = Policies([policy(allow())], must_consent=True)
    assert (judge(own, access).outcome, judge(own, access).by) == ("implicitDeny", "resource")
    account = {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
    leaves_it = [parse({"Statement": [allow() | account]}, "p", "resource")]
    assert judge(replace(own, resource=leaves_it), access).outcome == "allowed"
    nobody = Policies(resource=leaves_it, must_consent=True)
    assert judge(nobody, access).outcome == "implicitDeny"
