"""The credentials with which jobs, functions, executions and deliveries call the cloud as a role."""

from dataclasses import dataclass

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a role's session."""

    access_key: str
    secret_key: str
    token: str


def for_role(
    cloud: Cloud, region: str, role: str, session: str, *, subnets: tuple[str, ...] = ()
) -> Credentials:
    """Return new credentials of a role for a service that acts as it; the service checks the trust.

    Args:
        cloud: Whose role it is.
        region: In which the service works.
        role: The role's ARN.
        session: The session's name: a function's name, "SageMaker", "AmazonSageMaker-Pipelines" ….
        subnets: Of the VPC in which the work is done; calls from there go through its endpoints.
    """
    sts = inside.client(cloud.ground, "sts", region)
    given = sts.assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
