"""What could not be sent goes to a queue, with the reason in its attributes."""

import logging
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud.cloud import Cloud
from slipway.cloud.targets.refusals import Undelivered
from slipway.cloud.targets.send import Sending, to_queue

log = logging.getLogger(__name__)


def bury(cloud: Cloud, sending: Sending, about: Mapping[str, str]) -> bool:
    """Send a dead letter to a queue (`sending.arn`); tell whether that was possible."""
    attributes = {
        name: {"DataType": "String", "StringValue": value[:1024] or "-"}
        for name, value in about.items()
    }
    try:
        to_queue(cloud, sending, attributes)
    except (Undelivered, ClientError, BotoCoreError) as error:
        log.error(
            "a dead letter of %s cannot be sent to %s: %s", sending.source, sending.arn, error
        )
        return False
    return True
