"""The guard before every service: who calls, what that takes, and whether the policies allow it."""

from functools import cache, partial

from slipway.cloud.authorization import asked, passing, refusals, resources, service_keys, tags
from slipway.cloud.authorization.actions import FREE, actions
from slipway.cloud.authorization.asked import Asked
from slipway.cloud.authorization.context import of_tags, tags_in
from slipway.cloud.authorization.judge import Caller, Judge
from slipway.cloud.authorization.refusals import Denied
from slipway.cloud.authorization.s3_judge import S3Judge
from slipway.cloud.cloud import Cloud
from slipway.cloud.identity import Identity, identify
from slipway.cloud.router import Route
from slipway.cloud.wire import Request, Response

ANONYMOUS = Identity("anonymous", "")


class Guard:
    """Lets a request of one cloud pass, or answers in its service's place."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.judge = Judge(cloud, partial(tags.of, cloud))
        self.s3 = S3Judge(cloud, self.judge)

    def admit(self, request: Request, to: Route) -> tuple[Request, Response | None]:
        """Return the request, its body still to be read, and the refusal where it may not pass."""
        who = identify(self._cloud, to.access_key)
        if who is None and to.service == "s3" and not to.access_key:
            who = ANONYMOUS
        if who is None:
            return request, refusals.unknown(to.service, request, not to.access_key)
        if who.expired:
            return request, refusals.expired(to.service, request)
        if who.administrator:
            return request, None
        caller = self.judge.caller(
            who, to.region, to.service, request.headers.get("user-agent", "")
        )
        try:
            if to.service == "s3":
                return self.s3.check(caller, request), None
            found, request = asked.read(request, to, self._cloud.account)
            self.check(caller, found)
        except Denied as denial:
            return request, refusals.denied(denial, to.service, request)
        return request, None

    def check(self, caller: Caller, found: Asked) -> None:
        """Return where a request is allowed for all that it takes; Denied."""
        keys = of_tags(found.members) | service_keys.of(found)
        taken = actions(found.service, found.operation)
        arns = [self.whole(found, arn) for arn in resources.of(found)]
        for action in taken:
            if action in FREE:
                continue
            for arn in arns:
                policy = self.judge.policies.of_resource(found.service, found.region, arn)
                self.judge.check(caller, action, arn, keys, on_resource=policy)
        if (
            found.service == "sagemaker"
            and tags_in(found.members)
            and "Tags" not in found.operation
        ):
            for arn in arns:
                self.judge.check(caller, "sagemaker:AddTags", arn, keys)
        for role, service in passing.roles(found):
            passed = {"iam:passedtoservice": (service,), "iam:associatedresourcearn": (arns[0],)}
            self.judge.check(caller, "iam:PassRole", role, passed, through_endpoint=False)

    def whole(self, found: Asked, arn: str) -> str:
        """Return the ARN by which policies know a key or a secret that is called by another name."""
        if found.service == "kms" and arn != resources.EVERY:
            return self.judge.policies.key_arn(found.region, arn)
        if found.service == "secretsmanager" and found.text("SecretId"):
            return self.judge.policies.secret_arn(found.region, found.text("SecretId"))
        if found.service == "redshift-serverless":
            return self.judge.policies.warehouse_arn(found.region, arn)
        return arn


@cache
def guard(cloud: Cloud) -> Guard:
    """Return the guard of a cloud."""
    return Guard(cloud)
