"""Clients of the AWS API, as the engine uses them."""

from functools import cache
from typing import Any

LONGEST_INVOCATION = 900  # seconds that a Lambda function may run


@cache
def client(endpoint: str, service: str, region: str) -> Any:
    """Return the client of a service; making one takes time, so each is made once."""
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},  # the engine's retries are policies
        read_timeout=LONGEST_INVOCATION if service == "lambda" else 60,
        max_pool_connections=32,
        proxies={},  # the endpoint is on this machine, whatever the environment says
        s3={"addressing_style": "path"},
    )
    return get_session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="slipway-pipelines",
        aws_secret_access_key="slipway-pipelines",  # noqa: S106 - the local cloud checks none
        config=config,
    )
