"""Put the evaluation into words, numbers and a picture."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviews.evaluation import metrics

Matrix = NDArray[np.int64]


def evaluation(
    actual: Matrix,
    probabilities: NDArray[np.float64],
    categories: NDArray[np.str_],
    baselines: Mapping[str, NDArray[np.float64]],
    star_ratings: tuple[int, ...],
) -> dict[str, Any]:
    """Return the content of evaluation.json: `metrics` of the model, its baselines, each category."""
    matrix = metrics.confusion(actual, probabilities.argmax(axis=1), len(star_ratings))
    return {
        "metrics": {
            **metrics.summary(actual, probabilities),
            "confusion_matrix": named(matrix, star_ratings),
        },
        "reviews": len(actual),
        "baselines": {name: metrics.summary(actual, found) for name, found in baselines.items()},
        "product_category": {
            str(name): {
                "reviews": int((categories == name).sum()),
                **metrics.summary(actual[categories == name], probabilities[categories == name]),
            }
            for name in np.unique(categories)
        },
    }


def named(matrix: Matrix, star_ratings: tuple[int, ...]) -> dict[str, dict[str, int]]:
    """Return counts by actual, then by predicted star rating, as SageMaker's model quality has them."""
    return {
        str(star): dict(zip(map(str, star_ratings), map(int, row), strict=True))
        for star, row in zip(star_ratings, matrix, strict=True)
    }


def draw(matrix: Matrix, star_ratings: tuple[int, ...], file: Path) -> None:
    """Draw a confusion matrix as a PNG: shares of each row, with the counts in the cells."""
    from matplotlib.figure import Figure

    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(star_ratings))
    axes.set_xticks(places, [f"{star}★" for star in star_ratings])
    axes.set_yticks(places, [f"{star}★" for star in star_ratings])
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    for row in places:
        for column in places:
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{matrix[row, column]}", ha="center", va="center", color=color)
    figure.colorbar(image, label="share of the actual star rating")
    figure.savefig(file, dpi=120)


def write(folder: Path, content: dict[str, Any], matrix: Matrix, stars: tuple[int, ...]) -> None:
    """Write evaluation.json, confusion_matrix.json and confusion_matrix.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(content, indent=2) + "\n")
    table = {"star_ratings": list(stars), "actual_by_predicted": matrix.tolist()}
    (folder / "confusion_matrix.json").write_text(json.dumps(table, indent=2) + "\n")
    draw(matrix, stars, folder / "confusion_matrix.png")
