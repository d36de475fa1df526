"""The operations of iam that Slipway owns."""

from slipway.cloud.service import Service

SERVICE = Service("iam", operations={})
