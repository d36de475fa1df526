"""SNS's messages to everything but queues: handed to the cloud, which sends them; the ground cannot."""

from collections.abc import Callable
from typing import Any

from slipway.cloud.ground.outside import current

Hand = Callable[[dict[str, Any]], None]


def bridge(hand: Hand) -> None:
    """Let a topic's messages to functions, addresses and people go to `hand`, once, not in a replay."""
    from moto.core.utils import iso_8601_datetime_with_milliseconds
    from moto.sns.models import Subscription

    own = getattr(Subscription.publish, "__wrapped__", Subscription.publish)

    def publish(
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        if subscription.protocol == "sqs":
            rest = (group_id, deduplication_id, message_structure)
            own(subscription, message, message_id, subject, message_attributes, *rest)
            return
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = subscription._parse_message_structure(message, subscription.protocol)
        notice = {
            "protocol": subscription.protocol,
            "endpoint": subscription.endpoint,
            "topic": subscription.topic_arn,
            "subscription": subscription.arn,
            "raw": str(subscription.attributes.get("RawMessageDelivery")).lower() == "true",
            "letters": subscription.attributes.get("RedrivePolicy") or "{}",
            "id": message_id,
            "subject": subject,
            "message": message,
            "attributes": message_attributes or {},
            "time": iso_8601_datetime_with_milliseconds(),
        }
        current().do(lambda: hand(notice))

    publish.__wrapped__ = own  # type: ignore[attr-defined]
    Subscription.publish = publish  # type: ignore[method-assign, assignment]
