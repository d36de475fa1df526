"""Production: data outlives the stacks, stacks cannot be deleted by mistake."""

from infra.settings.model import Lake, Network, Settings, Team, Warehouse

SETTINGS = Settings(
    environment="prod",
    # Alarms and costs go to the team that releases models.
    owner="mlops@example.com",
    # Booked with what earns the money.
    cost_center="ml-production",
    # Customers' own words.
    data_classification="confidential",
    # Buckets, keys, tables, log groups, versions of models and experiments stay when stacks go.
    retain_data=True,
    # Endpoints in all three zones, so that one may fail while another is being worked on.
    network=Network(cidr="10.40.0.0/16", endpoint_zones=3, flow_log_days=365),
    lake=Lake(
        # The scientists read features and nothing before them.
        teams=(Team("science", "features", "reviews/", ("scientist",)),),
        # A quarter to find out that something was overwritten.
        noncurrent_days=90,
        # Ten years, as auditors ask.
        log_days=3653,
    ),
    # Reports of the business run here.
    warehouse=Warehouse(base_capacity=32, max_capacity=128, daily_rpu_hours=256),
)
