"""What policies say about a request: allowed, denied, or nothing. Pure.

Source: IAM User Guide, "Policy evaluation logic".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slipway.cloud.iam.conditions import holds, split
from slipway.cloud.iam.policy import Policy, Statement
from slipway.cloud.iam.wildcards import Context, arn_like, filled, like

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"


@dataclass(frozen=True)
class Principal:
    """Who asks: an identity of an account, or a service."""

    kind: str  # "AWS", "Service", "Federated"
    name: str  # an ARN, or "sagemaker.amazonaws.com"
    others: tuple[str, ...] = ()  # under which it is named too: a session of a role by its own ARN

    @property
    def account(self) -> str:
        """Return the account of an identity, "" for a service."""
        return self.name.split(":")[4] if self.name.count(":") >= 5 else ""


@dataclass(frozen=True)
class Access:
    """One action on one resource by one principal."""

    action: str  # "s3:PutObject"
    resource: str  # an ARN, or "*"
    principal: Principal
    context: Context = field(default_factory=dict)  # condition keys in lower case


@dataclass(frozen=True)
class Decision:
    """The outcome, the statements that made it, and the condition keys that had no value."""

    outcome: str  # ALLOWED, EXPLICIT_DENY or IMPLICIT_DENY
    matched: tuple[tuple[Policy, int], ...]  # a policy, and the position of its statement from 0
    missing: tuple[str, ...] = ()
    allowed_by_boundary: bool | None = None  # None where there is no boundary
    by: str = ""  # of a denial: the member of Policies that denies, or does not allow


@dataclass(frozen=True)
class Policies:
    """The policies that bear on a principal's access to a resource; None where there is no such limit."""

    identity: Sequence[Policy] = ()
    boundary: Sequence[Policy] | None = None
    resource: Sequence[Policy] = ()
    session: Sequence[Policy] | None = None  # that came with AssumeRole
    endpoint: Sequence[Policy] | None = None  # of the VPC endpoint through which the request comes
    must_consent: bool = False  # identities may do only what the resource's policy leaves to them

    def every(self) -> Iterator[tuple[str, Sequence[Policy]]]:
        """Yield each kind with its policies."""
        for kind in ("identity", "boundary", "session", "resource", "endpoint"):
            yield kind, getattr(self, kind) or ()


def decide(policies: Policies, access: Access, resource_account: str | None = None) -> Decision:
    """Decide one access, and say which condition keys would have mattered and have no value.

    Args:
        policies: All policies that bear on it.
        access: Who wants to do what.
        resource_account: The account of the resource, where it is not the principal's.
    """
    every = [policy for _, found in policies.every() for policy in found]
    missing = tuple(sorted({key for policy in every for key in absent(policy, access)}))
    return replace(judge(policies, access, resource_account), missing=missing)


def judge(policies: Policies, access: Access, resource_account: str | None = None) -> Decision:
    """Decide one access: a deny wins; else someone entitled to must allow it, and every limit too."""
    within = limit(policies.boundary, access)
    for kind, found in policies.every():
        if denied := granting(found, access, allows=False):
            return Decision(EXPLICIT_DENY, denied, (), within, kind)
    by_identity = granting(policies.identity, access, allows=True)
    by_resource = granting(policies.resource, access, allows=True)
    direct = tuple(found for found in by_resource if names(found[0].statements[found[1]], access))
    if resource_account and resource_account != access.principal.account:
        allowed = by_identity + by_resource if by_identity and by_resource else ()
    elif policies.must_consent and not by_resource:
        allowed = ()
    else:
        allowed = by_identity + direct
    by = "identity"
    if by_identity or access.principal.kind == "Service":
        by = "resource"
    for kind, passes in (("session", limit(policies.session, access)), ("boundary", within)):
        if passes is False:
            allowed, by = unbound(direct, access), kind
    if limit(policies.endpoint, access) is False:
        allowed, by = (), "endpoint"
    if allowed:
        return Decision(ALLOWED, allowed, (), within)
    return Decision(IMPLICIT_DENY, (), (), within, by)


def limit(policies: Sequence[Policy] | None, access: Access) -> bool | None:
    """Tell whether policies that only limit allow an access; None where there are none."""
    if policies is None:
        return None
    if granting(policies, access, allows=False):
        return False
    return bool(granting(policies, access, allows=True))


def unbound(
    direct: tuple[tuple[Policy, int], ...], access: Access
) -> tuple[tuple[Policy, int], ...]:
    """Return the grants that hold whatever limits the principal's own policies.

    A resource's policy that names a user, or the very session of a role, speaks to that alone.
    """
    if ":user/" in access.principal.name:
        return direct
    sessions = set(access.principal.others)
    return tuple(
        (policy, position)
        for policy, position in direct
        if sessions
        & {n for ns in (policy.statements[position].principals or {}).values() for n in ns}
    )


def may_assume(
    trust: Policy, principal: Principal, context: Context, action: str = "sts:AssumeRole"
) -> bool:
    """Tell whether a role's trust policy lets a principal assume it (an account's is enough)."""
    access = Access(action, "*", principal, context)
    denied = granting([trust], access, allows=False)
    return not denied and bool(granting([trust], access, allows=True))


def granting(
    policies: Iterable[Policy], access: Access, allows: bool
) -> tuple[tuple[Policy, int], ...]:
    """Return the statements of one effect that speak of the access."""
    return tuple(
        (policy, position)
        for policy in policies
        for position, statement in enumerate(policy.statements)
        if statement.allows == allows and speaks(policy, statement, access)
    )


def speaks(policy: Policy, statement: Statement, access: Access) -> bool:
    """Tell whether a statement is about the access: action, resource, principal and conditions."""
    return (
        about(policy, statement, access)
        and of_principal(statement, access.principal)
        and all(
            holds(c.operator, c.values, c.key.lower(), access.context, policy.variables)
            for c in statement.conditions
        )
    )


def about(policy: Policy, statement: Statement, access: Access) -> bool:
    """Tell whether a statement is about the action and the resource."""
    if statement.not_actions is not None:
        by_action = not any(like(a, access.action, True) for a in statement.not_actions)
    else:
        by_action = any(like(a, access.action, True) for a in statement.actions or ())
    if not by_action:
        return False
    if statement.not_resources is not None:
        return not any(covers(policy, r, access) for r in statement.not_resources)
    if statement.resources is None:  # a trust policy: the resource is what it hangs on
        return True
    return any(covers(policy, r, access) for r in statement.resources)


def covers(policy: Policy, resource: str, access: Access) -> bool:
    """Tell whether a resource of a policy covers the one that is asked for."""
    pattern = filled(resource, access.context) if policy.variables else resource
    if pattern is None:
        return False
    return pattern == "*" or (access.resource != "*" and arn_like(pattern, access.resource))


def of_principal(statement: Statement, principal: Principal) -> bool:
    """Tell whether a statement is for a principal; those of identities are for their own."""
    if statement.not_principals is not None:
        return not any(is_one(statement.not_principals, principal))
    if statement.principals is None:
        return True
    return any(is_one(statement.principals, principal))


def is_one(listed: Mapping[str, tuple[str, ...]], principal: Principal) -> Iterable[bool]:
    """Yield, for each name in a Principal block, whether it means the principal."""
    for kind, listed_names in listed.items():
        for name in listed_names:
            if kind == "*" or (kind == "AWS" and name == "*"):
                yield True
            elif kind == principal.kind:
                yield (
                    name == principal.name
                    or name in principal.others
                    or means_account(name, principal)
                )


def means_account(name: str, principal: Principal) -> bool:
    """Tell whether a name is the principal's whole account: its number, or its root's ARN."""
    account = principal.account
    return bool(account) and name in (account, f"arn:aws:iam::{account}:root")


def names(statement: Statement, access: Access) -> bool:
    """Tell whether a resource's policy grants to the principal itself, not just to its account.

    A grant to the account leaves it to the account's own policies.
    """
    listed = (statement.principals or {}).items()
    return any(
        kind == "*" or name in ("*", access.principal.name, *access.principal.others)
        for kind, found in listed
        for name in found
    )


def absent(policy: Policy, access: Access) -> Iterable[str]:
    """Yield the condition keys without a value in the statements about an access."""
    for statement in policy.statements:
        if about(policy, statement, access):
            for condition in statement.conditions:
                known = condition.key.lower() in access.context
                if not known and split(condition.operator)[1] != "Null":
                    yield condition.key
