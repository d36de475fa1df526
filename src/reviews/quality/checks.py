"""What Deequ measures of reviews, and the check that they must pass."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydeequ.analyzers import (
    AnalysisRunner,
    AnalyzerContext,
    ApproxCountDistinct,
    Completeness,
    Compliance,
    Correlation,
    Mean,
    Size,
)
from pydeequ.checks import Check, CheckLevel
from pydeequ.repository import FileSystemMetricsRepository, ResultKey
from pydeequ.suggestions import DEFAULT, ConstraintSuggestionRunner
from pydeequ.verification import VerificationResult, VerificationSuite
from pyspark.sql import DataFrame, SparkSession

from reviews.schema import MARKETPLACES

ANALYZERS = (
    Size(),
    Completeness("review_id"),
    ApproxCountDistinct("review_id"),
    Mean("star_rating"),
    Compliance("top star_rating", "star_rating >= 4.0"),
    Correlation("total_votes", "star_rating"),
    Correlation("total_votes", "helpful_votes"),
)


@dataclass(frozen=True)
class Verdict:
    """What a check found, in plain data."""

    status: str  # Success, Warning or Error
    constraints: list[dict[str, str]]  # constraint, constraint_status, constraint_message, …
    metrics: list[dict[str, Any]]  # entity, instance, name, value

    @property
    def failures(self) -> list[str]:
        """The messages of the constraints that do not hold."""
        return [
            f"{found['constraint']}: {found['constraint_message']}"
            for found in self.constraints
            if found["constraint_status"] != "Success"
        ]


def review_check(spark: SparkSession, minimum: int) -> Check:
    """Return the "Review Check": at least `minimum` reviews, with ids, known ratings and places."""
    return (
        Check(spark, CheckLevel.Error, "Review Check")
        .hasSize(at_least(minimum), f"expected at least {minimum} reviews")
        .hasMin("star_rating", lambda value: value == 1.0, "expected star ratings from 1")
        .hasMax("star_rating", lambda value: value == 5.0, "expected star ratings up to 5")
        .isComplete("review_id", "expected a review_id in every row")
        .isUnique("review_id", "expected no review_id twice")
        .isComplete("marketplace", "expected a marketplace in every row")
        .isContainedIn("marketplace", list(MARKETPLACES))
    )


def at_least(minimum: float) -> Callable[[float], bool]:
    """Return the assertion that a value is not below a minimum."""
    return lambda value: value >= minimum


def verify(
    spark: SparkSession,
    reviews: DataFrame,
    check: Check,
    repository: FileSystemMetricsRepository,
    key: ResultKey,
) -> Verdict:
    """Measure, check, and save every metric in the repository under one key.

    Without `saveOrAppendResult` Deequ would compute the same and keep nothing.
    """
    runner = AnalysisRunner(spark).onData(reviews)
    for analyzer in ANALYZERS:
        runner = runner.addAnalyzer(analyzer)
    measured = runner.useRepository(repository).saveOrAppendResult(key).run()
    suite = VerificationSuite(spark).onData(reviews).addCheck(check)
    result = suite.useRepository(repository).saveOrAppendResult(key).run()
    # As data frames: Deequ's JSON refuses NaN, which is what the correlation with a constant is.
    metrics = AnalyzerContext.successMetricsAsDataFrame(spark, measured).collect()
    checked = VerificationResult.successMetricsAsDataFrame(spark, result).collect()
    rows = [row.asDict() for row in (*metrics, *checked)]
    found = {(m["entity"], m["instance"], m["name"]): defined(m) for m in rows}
    return Verdict(
        status=result.status,
        constraints=list(result.checkResults),
        metrics=[found[name] for name in sorted(found)],
    )


def defined(metric: dict[str, Any]) -> dict[str, Any]:
    """Return a metric with None in place of a value that is not a number, as JSON wants it."""
    return metric | {"value": None} if math.isnan(metric["value"]) else metric


def suggest(spark: SparkSession, data: DataFrame) -> list[dict[str, Any]]:
    """Return the constraints that Deequ's default rules suggest for data."""
    result = ConstraintSuggestionRunner(spark).onData(data).addConstraintRule(DEFAULT()).run()
    suggestions: list[dict[str, Any]] = result["constraint_suggestions"]
    return suggestions
