"""The operations of logs that Slipway owns."""

from slipway.cloud.service import Service

SERVICE = Service("logs", operations={})
