"""Development: small, cheap, gone without a trace when it is destroyed."""

from infra.settings.machine_learning import Delivery, Ml, Operations, Triggers
from infra.settings.model import Network, Settings, Studio, Warehouse

SETTINGS = Settings(
    environment="dev",
    # Alarms and costs go to the team that builds the platform.
    owner="platform@example.com",
    # Development is booked apart from what earns money.
    cost_center="ml-development",
    # Generated reviews, not customers' own.
    data_classification="internal",
    network=Network(
        # The least that Redshift Serverless takes.
        availability_zones=3,
        # An outage of a zone may stop development.
        endpoint_zones=1,
        # Only what jobs and functions call every day; the others are a deploy away.
        interface_endpoints=(
            "ecr.api",
            "ecr.dkr",
            "kms",
            "logs",
            "monitoring",
            "redshift-serverless",
            "sagemaker.api",
            "sagemaker.featurestore-runtime",
            "sagemaker.runtime",
            "secretsmanager",
            "sqs",
            "sts",
        ),
        # Long enough to look at last week.
        flow_log_days=7,
    ),
    # The least capacity; two hours of queries a day.
    warehouse=Warehouse(base_capacity=8, max_capacity=8, daily_rpu_hours=16),
    # An app that is forgotten costs an hour.
    studio=Studio(idle_minutes=60),
    ml=Ml(
        log_days=7,
        # Minutes on two processors: only the classifier's head learns, so the encoder runs once over
        # each review; not balanced, so the accuracy stands beside the majority's; and a tenth to judge
        # by, because a twentieth of few reviews says little.
        parameters={
            "FreezeBertLayer": "True",
            "BalanceDataset": "False",
            "TrainSplitPercentage": 0.8,
            "ValidationSplitPercentage": 0.1,
            "TestSplitPercentage": 0.1,
            "Epochs": 5,
            "LearningRate": 0.001,
        },
    ),
    # Nobody who tries something waits for minutes.
    triggers=Triggers(quiet_seconds=20),
    # Three periods of the alarms, and a load test that fits between two cups of coffee.
    delivery=Delivery(
        load_seconds=10,
        load_callers=4,
        # A laptop answers more slowly than what it stands for.
        max_p95_ms=5000,
        max_latency_ms=5000,
        alarm_period=10,
        canary_seconds=30,
        final_seconds=0,
    ),
    # What is forgotten overnight is gone in the morning.
    operations=Operations(monthly_budget=100, idle_minutes=60, trail_days=30),
)
