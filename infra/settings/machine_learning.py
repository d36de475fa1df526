"""What can be set for jobs, triggers, delivery and operations."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


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
    # Other defaults of the pipeline's parameters, for executions that name none: {"Epochs": 5}.
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)
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
    # Seconds over which the alarms of a release look; CloudWatch takes 10, 30, 60 and its multiples.
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


def faults(ml: Ml, triggers: Triggers, delivery: Delivery, operations: Operations) -> Iterator[str]:
    """Yield what is wrong: key, what was expected, what was found."""
    bounds: tuple[tuple[str, float, float, float], ...] = (
        ("ml.max_runtime", ml.max_runtime, 60, 28 * 86400),
        ("triggers.quiet_seconds", triggers.quiet_seconds, 2, 3600),
        ("delivery.load_seconds", delivery.load_seconds, 1, 600),
        ("delivery.load_callers", delivery.load_callers, 1, 64),
        ("delivery.max_errors", delivery.max_errors, 0, 1),
        ("delivery.canary_percent", delivery.canary_percent, 1, 50),
        ("delivery.canary_seconds", delivery.canary_seconds, 0, 3600),
        ("delivery.final_seconds", delivery.final_seconds, 0, 3600),
        ("operations.errors", operations.errors, 0, 1),
        ("operations.idle_minutes", operations.idle_minutes, 30, 7 * 24 * 60),
        ("operations.monthly_budget", operations.monthly_budget, 1, 10**9),
    )
    for key, value, least, most in bounds:
        if not least <= value <= most:
            yield f"`{key}`: expected {least} to {most}, found {value!r}"
    period = delivery.alarm_period
    if period not in (10, 30) and (period < 60 or period % 60):
        yield (
            "`delivery.alarm_period`: expected 10, 30, 60 or a multiple of it, as CloudWatch takes, found "
            f"{delivery.alarm_period!r}"
        )
    if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", ml.group_name):
        yield f"`ml.group_name`: expected up to 63 of a-z, 0-9 and -, found {ml.group_name!r}"
    for key, types in (
        ("ml.job_instance_types", ml.job_instance_types),
        ("ml.serving_instance_types", ml.serving_instance_types),
    ):
        for kind in types:
            if not re.fullmatch(r"ml\.[a-z0-9-]+\.[a-z0-9]+", kind):
                yield f"`{key}`: expected types such as ml.m5.large, found {kind!r}"
    if triggers.schedule and not re.fullmatch(r"(cron|rate)\(.+\)", triggers.schedule):
        yield (
            "`triggers.schedule`: expected cron(…) or rate(…) of EventBridge Scheduler, found "
            f"{triggers.schedule!r}"
        )
