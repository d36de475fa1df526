"""What can be set for jobs, triggers, delivery and operations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ml:
    """Jobs and models."""

    # The model package group: versions of one model.
    group_name: str = "reviews-bert"
    # Instance types that jobs may use.
    job_instance_types: tuple[str, ...] = (
        *("ml.t3.medium", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge"),
        *("ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge", "ml.c5.9xlarge"),
    )
    # Instance types that models may be served on: no GPUs where a model is served for months.
    serving_instance_types: tuple[str, ...] = (
        *("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge"),
        *("ml.c5.large", "ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge"),
    )
    # Seconds that a job may run.
    max_runtime: int = 24 * 3600
    # Days that the logs of jobs and endpoints are kept.
    log_days: int = 90
    # Whether people's experiments are tracked with MLflow (serverless).
    mlflow: bool = True


@dataclass(frozen=True)
class Triggers:
    """What starts the pipeline."""

    # Seconds without a new file after which one execution starts, 2 to 3600.
    quiet_seconds: int = 300
    # When it also starts with all files, in UTC: `cron(0 2 * * ? *)`; None for never.
    schedule: str | None = None


@dataclass(frozen=True)
class Delivery:
    """Releases to staging and production."""

    # Seconds of load that staging must stand before anybody may approve production.
    load_seconds: int = 60
    # Callers who ask at the same time.
    load_callers: int = 8
    # Part of the answers that may fail, of the test's requests and of a release's.
    max_errors: float = 0.01
    # Milliseconds within which 95 of 100 answers of the test must come.
    max_p95_ms: int = 1000
    # Milliseconds that a release's answers may take on average.
    max_latency_ms: int = 1000
    # Seconds over which the alarms of a release look; CloudWatch takes 60 and its multiples.
    alarm_period: int = 60
    # Percent of the capacity that a release moves first, at most 50.
    canary_percent: int = 10
    # Seconds for which that is watched.
    canary_seconds: int = 600
    # Seconds for which everything is watched before the old model ends.
    final_seconds: int = 300


@dataclass(frozen=True)
class Operations:
    """Alarms, costs and audit."""

    # Dollars a month after which somebody is told; 80 % and the forecast are told as well.
    monthly_budget: int = 500
    # Milliseconds that an answer of production may take on average.
    latency_ms: int = 1000
    # Part of production's answers that may be 5XX.
    errors: float = 0.01
    # Minutes after which an endpoint that nobody calls is deleted; never production's.
    idle_minutes: int = 240
    # Days that the trail of API calls is kept in its log group.
    trail_days: int = 365
    # Whether AWS Config is recording in the account already: it has one recorder in each region.
    config_recorder: bool = True
    # Base of the links from alarms to their runbooks.
    runbooks: str = "https://github.com/slipway/slipway/blob/main/docs/runbooks"
