"""One action on one resource by one principal: judged by all policies that bear on it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slipway.cloud.authorization import context
from slipway.cloud.authorization.context import Context, Tags, Values
from slipway.cloud.authorization.policies import Endpoint, Policies, of_session
from slipway.cloud.authorization.refusals import Denied
from slipway.cloud.cloud import Cloud
from slipway.cloud.iam import evaluate
from slipway.cloud.iam.evaluate import ALLOWED, EXPLICIT_DENY, Access, Principal
from slipway.cloud.iam.policy import Policy
from slipway.cloud.identity import Identity

# Resources whose policies have the last word: an identity may do what they leave to it
CONSENT = re.compile(r"arn:aws[\w-]*:(kms:[^:]*:\d*:key/|iam::\d*:role/).*")


@dataclass(frozen=True)
class Caller:
    """Who asks, from where, and how policies know that."""

    who: Identity
    region: str
    service: str  # whose endpoint is called
    keys: Mapping[str, Values]
    endpoint: Endpoint | None
    session: tuple[Policy, ...] | None


class Judge:
    """Judges for one cloud."""

    def __init__(self, cloud: Cloud, tags_of: Callable[[str, str, str], Tags]) -> None:
        """Take what finds a resource's tags by service, region and ARN."""
        self._cloud, self._tags_of = cloud, tags_of
        self.policies = Policies(cloud)

    def caller(self, who: Identity, region: str, service: str, agent: str = "") -> Caller:
        """Return a principal as it calls a service in a region."""
        session = who.session
        own = self.policies.of_identity(who).id if who.policies_of else ""
        keys = context.of_everybody(who, f"{own}:{session.name}" if session else own, region, agent)
        endpoint = None
        if session and session.subnets:
            endpoint = self.policies.endpoint(session.subnets, service, region)
            if endpoint:
                keys |= {"aws:sourcevpce": (endpoint.id,), "aws:sourcevpc": (endpoint.vpc,)}
        elif not session or not session.service:
            keys["aws:sourceip"] = ("127.0.0.1",)
        limits = of_session(session.policies) if session else None
        return Caller(who, region, service, keys, endpoint, limits)

    def check(
        self,
        caller: Caller,
        action: str,
        resource: str,
        keys: Mapping[str, Values],
        *,
        on_resource: Sequence[Policy] = (),
        through_endpoint: bool = True,
    ) -> None:
        """Return where an access is allowed; Denied.

        Args:
            caller: Who asks.
            action: "s3:GetObject".
            resource: Its ARN, or "*".
            keys: The request's condition keys beside the caller's, in lower case.
            on_resource: The policies of the resource.
            through_endpoint: Whether the VPC endpoint's policy speaks of it.
        """
        who = caller.who
        own = self.policies.of_identity(who) if who.policies_of else None
        endpoint = caller.endpoint if through_endpoint else None
        decision = evaluate.judge(
            evaluate.Policies(
                identity=own.policies if own else (),
                boundary=(own.boundary,) if own and own.boundary else None,
                resource=on_resource,
                session=caller.session,
                endpoint=(endpoint.policy,) if endpoint and endpoint.policy else None,
                must_consent=action[:4] in ("kms:", "sts:") and bool(CONSENT.match(resource)),
            ),
            Access(action, resource, principal(who), self._context(caller, resource, keys)),
        )
        if decision.outcome != ALLOWED:
            raise Denied(who, action, resource, decision)

    def check_denials(
        self,
        caller: Caller,
        action: str,
        resource: str,
        keys: Mapping[str, Values],
        on_resource: Sequence[Policy],
    ) -> None:
        """Return where a resource's policies do not deny an access, whoever allows it; Denied."""
        access = Access(
            action, resource, principal(caller.who), self._context(caller, resource, keys)
        )
        decision = evaluate.judge(evaluate.Policies(resource=on_resource), access)
        if decision.outcome == EXPLICIT_DENY:
            raise Denied(caller.who, action, resource, decision)

    def _context(self, caller: Caller, resource: str, keys: Mapping[str, Values]) -> Context:
        """Return all condition keys of an access."""

        def of_principal() -> Tags:
            return {**self.policies.of_identity(caller.who).tags, **caller.who.tags}

        def of_resource() -> Tags:
            return self._tags_of(caller.service, caller.region, resource)

        looked_up = {"aws:resourcetag/": of_resource}
        if caller.who.policies_of:
            looked_up["aws:principaltag/"] = of_principal
        if caller.service in ("sagemaker", "secretsmanager", "iam", "ec2", "ecr", "ssm"):
            looked_up[f"{caller.service}:resourcetag/"] = of_resource
        return Context({**caller.keys, **keys}, looked_up)


def principal(who: Identity) -> Principal:
    """Return a principal as policies name it."""
    if who.service:
        return Principal("Service", who.service)
    if who.policies_of:
        others = (who.arn,) if who.arn != who.policies_of else ()
        return Principal("AWS", who.policies_of, others)
    return Principal("AWS", who.arn)
