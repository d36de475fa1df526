"""A cloud that enforces IAM, and clients of it as a role with given policies."""

import json
import uuid

import boto3
import pytest
from botocore.config import Config

from guarding import ACCOUNT, TRUST, document
from slipway.cloud import credentials
from slipway.cloud.application import Application
from slipway.cloud.serving import assemble
from tests.slipway.cloud.conftest import Local

SESSION = boto3.Session(f"slipway-{ACCOUNT}", "slipway")


class Enforcing(Local):
    """A cloud that enforces IAM; its plain clients are the administrator's."""

    def client(self, service, region="us-east-1", own=None, **config):
        keys = {}
        if own is not None:
            keys = {"aws_access_key_id": own.access_key, "aws_secret_access_key": own.secret_key}
            keys["aws_session_token"] = own.token or None
        client = SESSION.client(
            service,
            region,
            endpoint_url=self.cloud.endpoint,
            config=Config(retries={"max_attempts": 0}, **config),
            **keys,
        )
        client.meta.events.register("before-send", self.send)
        return client

    def role(self, *statements, trust=TRUST, **more):
        """Make a role with an inline policy; return its ARN."""
        iam, name = self.client("iam"), f"guarded-{uuid.uuid4().hex[:8]}"
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **more)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
        return made["Role"]["Arn"]

    def as_role(self, service, arn, subnets=(), session="anna", **config):
        """Return a client that calls as a role."""
        own = credentials.for_role(self.cloud, "us-east-1", arn, session, subnets=subnets)
        return self.client(service, own=own, **config)

    def allowed(self, service, *statements, **config):
        """Return a client that calls as a new role with these statements alone."""
        return self.as_role(service, self.role(*statements), **config)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A cloud for all tests of a file: there is one ground in a process."""
    cloud = assemble(tmp_path_factory.mktemp("guarded"), "http://localhost:4599", True)
    yield Enforcing(cloud, Application(cloud))
    cloud.state.close()
