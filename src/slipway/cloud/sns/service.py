"""SNS: its operations are the ground's; its messages to functions and addresses are sent from here."""

from functools import partial

from slipway.cloud.cloud import Cloud
from slipway.cloud.service import Service
from slipway.cloud.sns import notices


def start(cloud: Cloud) -> None:
    """Send messages from now on, those that the last process did not send first."""
    cloud.outbox.sends(notices.KIND, partial(notices.deliver, cloud))


SERVICE = Service("sns", {}, start=start)
