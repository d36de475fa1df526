"""The alarms of a region, and the state that each of them is in."""

from slipway.cloud.cloud import Cloud
from slipway.cloud.state import Documents

# Metric alarms and composite alarms share their names.
KIND = "Alarm"
INSUFFICIENT = "INSUFFICIENT_DATA"


def kept(cloud: Cloud, region: str) -> Documents:
    """Return the documents of alarms, by name; members as DescribeAlarms has them, times as numbers."""
    return cloud.state.documents(region, KIND)


def exists(cloud: Cloud, region: str, name: str) -> bool:
    """Tell whether there is an alarm of that name."""
    return kept(cloud, region).get(name) is not None


def state(cloud: Cloud, region: str, name: str) -> str:
    """Return "OK", "ALARM" or "INSUFFICIENT_DATA"; the last one for an alarm that does not exist."""
    document = kept(cloud, region).get(name)
    found: str = document["StateValue"] if document else INSUFFICIENT
    return found
