"""The lines that tell SageMaker a metric's value, and the regexes that find it. Standard library only."""

NUMBER = r"([0-9.eE+-]+)"
# `train:loss=` can be no part of `validation:loss=`, unlike Keras's own `loss:` and `val_loss:`.
METRICS = (
    "train:loss",
    "train:accuracy",
    "train:gradient_norm",
    "validation:loss",
    "validation:accuracy",
)
METRIC_DEFINITIONS = tuple({"Name": name, "Regex": f"{name}={NUMBER}"} for name in METRICS)


def line(name: str, value: float) -> str:
    """Return the line that reports a value; ValueError for a metric that no regex would find."""
    if name not in METRICS:
        raise ValueError(f"expected one of {', '.join(METRICS)}, found {name!r}")
    return f"{name}={value:.6g}"
