"""Staging: like production in everything that can break, smaller in what costs."""

from infra.settings.model import Network, Settings, Warehouse

SETTINGS = Settings(
    environment="staging",
    # Alarms and costs go to the team that releases models.
    owner="mlops@example.com",
    # Booked with production: it exists for production's sake.
    cost_center="ml-production",
    # Samples of customers' reviews.
    data_classification="confidential",
    # All interface endpoints, as in production: a missing one shows here first.
    network=Network(cidr="10.30.0.0/16", flow_log_days=30),
    # Loads of production, seldom.
    warehouse=Warehouse(base_capacity=8, max_capacity=16, daily_rpu_hours=16),
)
