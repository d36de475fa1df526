"""Everything that can be set, each with another value than its default."""

from infra.settings.model import Github, Lake, Network, Settings, Studio, Team, Warehouse

SETTINGS = Settings(
    environment="prod",
    owner="mlops@example.com",
    cost_center="ml-production",
    data_classification="restricted",
    application="harbor",
    account="111122223333",
    region="us-east-1",
    retain_data=True,
    network=Network(
        cidr="10.50.0.0/16",
        availability_zones=3,
        endpoint_zones=3,
        nat_gateways=1,
        interface_endpoints=("ecr.api", "ecr.dkr", "logs", "sagemaker.api", "sts"),
        image_accounts=("763104351884",),
        flow_log_days=400,
    ),
    lake=Lake(
        raw_prefix="landing/reviews/",
        deployers=("arn:aws:iam::111122223333:role/data-engineers",),
        teams=(
            Team("science", "features", "reviews/", ("scientist",)),
            Team("labelling", "curated", "labels/", ("scientist", "processing"), writes=True),
        ),
        tiering_days=30,
        noncurrent_days=90,
        log_days=3653,
        query_result_days=7,
        scan_cutoff_bytes=10**12,
        crawler_schedule="cron(30 1 * * ? *)",
    ),
    warehouse=Warehouse(
        database="harbor",
        base_capacity=32,
        max_capacity=128,
        daily_rpu_hours=256,
        rotation_days=7,
    ),
    studio=Studio(
        profiles=(("ada", "scientist"), ("grace", "ops")),
        idle_minutes=90,
        instance_types=("ml.t3.medium",),
    ),
    github=Github("harbor/reviews", creates_provider=True),
)
