"""What SAGEMAKER_INFERENCE_OUTPUT picks from the predictions of the built-in algorithm."""

import json
import sys
from typing import Any

import numpy as np
import xgboost_recordio as recordio

ACCEPTED = (
    "application/json",
    "application/jsonlines",
    "application/x-recordio-protobuf",
    "text/csv",
)
LABELS = ["predicted_label", "labels"]
RAW = ["raw_score", "raw_scores"]
PROBABILITY = ["probability", "probabilities"]
KEYS = {  # that an objective has
    "reg:squarederror": ["predicted_score"],
    "reg:logistic": ["predicted_score"],
    "reg:gamma": ["predicted_score"],
    "reg:tweedie": ["predicted_score"],
    "binary:logistic": [*LABELS, *PROBABILITY, *RAW],
    "binary:logitraw": [*LABELS, *RAW],
    "binary:hinge": [*LABELS, *RAW],
    "multi:softmax": [*LABELS, *RAW],
    "multi:softprob": [*LABELS, *PROBABILITY, *RAW],
}
NOTHING = float("nan")  # the value of a key that an objective does not have


def select(raw: np.ndarray, keys: list[str], objective: str, classes: int) -> list[dict[str, Any]]:
    """Return the keys of every prediction; ValueError for an objective without any."""
    if objective not in KEYS:
        raise ValueError(
            f"Objective `{objective}` unsupported for selectable inference predictions."
        )
    if lacking := [key for key in keys if key not in KEYS[objective]]:
        print(
            f"Selected key(s) {lacking} incompatible for objective '{objective}'. Please use list of "
            f"compatible selectable inference predictions: {KEYS[objective]}",
            file=sys.stderr,
            flush=True,
        )
    labels = [0, 1] if objective.startswith("binary:") else list(range(classes))
    return [{key: value(key, each, objective, labels) for key in keys} for each in raw]


def value(key: str, raw: Any, objective: str, labels: list[int]) -> Any:
    """Return one key of one prediction."""
    if key not in KEYS[objective]:
        return NOTHING
    many = objective == "multi:softprob"
    match key:
        case "predicted_label":
            if many:
                return int(np.argmax(raw))
            limits = {"binary:logistic": 0.5, "binary:logitraw": 0.0}
            return int(raw > limits[objective]) if objective in limits else raw.item()
        case "labels":
            return labels
        case "probability" | "raw_score":
            return raw.max().item() if many else raw.item()
        case "probabilities" | "raw_scores":
            return raw.tolist() if many else [1.0 - raw.item(), raw.item()]
    return raw.item()  # predicted_score


def encode(predictions: list[dict[str, Any]], keys: list[str], accept: str, batch: bool) -> bytes:
    """Return predictions in one of the accepted types."""
    if accept == "application/json":
        return json.dumps({"predictions": predictions}).encode()
    if accept == "application/jsonlines":
        return b"".join(json.dumps(each).encode() + b"\n" for each in predictions)
    if accept == "application/x-recordio-protobuf":
        return b"".join(recordio.framed(record(each)) for each in predictions)
    rows = [",".join(field(each[key]) for key in keys) for each in predictions]
    return ("\n".join(rows) + ("\n" if batch else "")).encode()


def record(prediction: dict[str, Any]) -> bytes:
    """Return a record whose labels are the keys of a prediction."""
    made = recordio.Record()
    for key, found in prediction.items():
        made.label[key].float32_tensor.values.extend(found if isinstance(found, list) else [found])
    found_bytes: bytes = made.SerializeToString()
    return found_bytes


def field(found: Any) -> str:
    """Return a value as a field of CSV; several in quotes."""
    return f'"{found}"' if isinstance(found, list) else str(found)
