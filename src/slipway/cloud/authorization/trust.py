"""Whether a role lets a service of AWS act as it, as the service asks before it takes on work."""

from slipway.cloud.authorization.guard import guard
from slipway.cloud.cloud import Cloud
from slipway.cloud.iam.evaluate import Principal, may_assume
from slipway.cloud.service import invalid


def check(cloud: Cloud, region: str, role: str, service: str = "sagemaker.amazonaws.com") -> None:
    """Refuse a role that is not there, or does not trust the service, where IAM is enforced."""
    if not cloud.enforces_iam:
        return
    context = {"aws:sourceaccount": (cloud.account,)}
    trusts = guard(cloud).judge.policies.of_resource("sts", region, role)
    if not any(may_assume(trust, Principal("Service", service), context) for trust in trusts):
        raise invalid(
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            f"'{service}' to assume the role."
        )
