"""The least: who pays, and nothing that costs by the hour."""

from infra.settings.model import Network, Settings

SETTINGS = Settings(
    environment="dev",
    owner="team@example.com",
    cost_center="research",
    # No endpoints: jobs reach S3 and DynamoDB and nothing else.
    network=Network(interface_endpoints=()),
    warehouse=None,
    studio=None,
)
