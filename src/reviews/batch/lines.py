"""The lines on both sides of a batch transform. Pure, standard library only.

In: `{"review": {…15 columns…}, "request": {"features": ["text"]}}`; the transform's InputFilter
`$.request` is what the model gets of it. Out: the same line with the model's answer joined to it, of which
the OutputFilter keeps `{"review": {…}, "SageMakerOutput": {"predicted_label": 5, "score": 0.92}}`.
"""

import json
from dataclasses import dataclass
from typing import Any

from reviews.schema import NAMES, Review

REVIEW, REQUEST, ANSWER = "review", "request", "SageMakerOutput"
TO_MODEL = f"$.{REQUEST}"  # of an InputFilter
KEPT = f"$['{REVIEW}','{ANSWER}']"  # of an OutputFilter


@dataclass(frozen=True)
class Prediction:
    """What the model says of one review: a label and its probability, or why there is none."""

    predicted_label: int | None
    score: float | None
    error: str | None


class NotAsExpected(ValueError):
    """A line that no transform of ours wrote."""


def before(review: Review) -> str:
    """Return the line of a review for the transform."""
    line = {REVIEW: review._asdict(), REQUEST: {"features": [review.review_body]}}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def after(line: str) -> tuple[Review, Prediction]:
    """Return the review and the prediction of a line that the transform wrote; NotAsExpected."""
    try:
        content = json.loads(line)
        review = Review(**content[REVIEW])
        return review, prediction(content[ANSWER])
    except (ValueError, KeyError, TypeError) as error:
        raise NotAsExpected(
            f"expected an object with {REVIEW} ({len(NAMES)} columns) and {ANSWER}, "
            f"found {line[:120]!r}: {error}"
        ) from error


def prediction(answer: Any) -> Prediction:
    """Return what the model answered for one review; KeyError or TypeError for anything else."""
    if "error" in answer:
        return Prediction(None, None, str(answer["error"]))
    return Prediction(int(answer["predicted_label"]), float(answer["score"]), None)
