"""boto3 clients of the cloud's own address: the way of a service that calls another as a client."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from botocore.config import Config

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.credentials import Credentials

LONGEST_INVOCATION = 900  # seconds that a Lambda function may run
OWN = Credentials("slipway", "slipway", "")  # the account itself


def client(cloud: Cloud, service: str, region: str, of: Credentials = OWN) -> Any:
    """Return a client whose requests take the same way as everybody's, with these credentials."""
    with inside.CREATING:
        return kept(cloud.endpoint, service, region, of)


@lru_cache(maxsize=256)
def kept(endpoint: str, service: str, region: str, of: Credentials) -> Any:
    """Make a client, once."""
    made = inside.session().create_client(
        service,
        region,
        endpoint_url=endpoint,
        aws_access_key_id=of.access_key,
        aws_secret_access_key=of.secret_key,
        aws_session_token=of.token or None,
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=LONGEST_INVOCATION if service == "lambda" else 60,
            max_pool_connections=32,
            proxies={},  # the endpoint is on this machine, whatever the environment says
            s3={"addressing_style": "path"},
        ),
    )
    if service == "s3control":  # it puts the account's number before the host's name
        made.meta.events.register("request-created.s3-control", to_the_endpoint)
    return made


def to_the_endpoint(request: Any, **_: object) -> None:
    """Send a request to the host itself: a name below `localhost` may lead nowhere."""
    url = urlsplit(request.url)
    host = url.netloc.rpartition("@")[2].partition(".")[2]
    request.url = urlunsplit(url._replace(netloc=host))
