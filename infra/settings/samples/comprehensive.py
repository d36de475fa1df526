"""Everything that can be set, each with another value than its default."""

from infra.settings.machine_learning import Delivery, Ml, Operations, Triggers
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
    ml=Ml(
        group_name="harbor-bert",
        job_instance_types=("ml.m5.2xlarge", "ml.c5.4xlarge"),
        serving_instance_types=("ml.m5.xlarge",),
        max_runtime=12 * 3600,
        log_days=365,
        parameters={"Epochs": 4, "LearningRate": 0.00002},
    ),
    triggers=Triggers(quiet_seconds=600, schedule="cron(0 2 * * ? *)"),
    delivery=Delivery(
        load_seconds=120,
        load_callers=16,
        max_errors=0.005,
        max_p95_ms=500,
        max_latency_ms=800,
        alarm_period=120,
        canary_percent=20,
        canary_seconds=900,
        final_seconds=600,
    ),
    operations=Operations(
        monthly_budget=5000,
        latency_ms=800,
        errors=0.005,
        idle_minutes=480,
        trail_days=3653,
        runbooks="https://wiki.example.com/runbooks",
    ),
    github=Github("harbor/reviews", creates_provider=True),
)
