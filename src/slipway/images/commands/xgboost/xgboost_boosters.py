"""The models of a folder as XGBoost's boosters, and what they predict together."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from xgboost_matrices import LIBSVM


def load(model_dir: str) -> list[tuple[xgb.Booster, bool]]:
    """Return every model in a folder, and whether it was pickled; ValueError for what is none."""
    files = sorted(path for path in Path(model_dir).iterdir() if path.is_file())
    if not files:
        raise ValueError(f"there is no file in {model_dir}")
    return [load_one(path) for path in files]


def load_one(path: Path) -> tuple[xgb.Booster, bool]:
    """Return one model: a pickled booster, or a file in one of XGBoost's own formats."""
    try:
        with path.open("rb") as file:
            found = pickle.load(file)  # noqa: S301 - the user's own model
        booster, pickled = getattr(found, "get_booster", lambda: found)(), True
    except Exception as not_pickled:
        booster, pickled = xgb.Booster(), False
        try:
            booster.load_model(path)
        except Exception as error:
            raise ValueError(
                f"Model at {path} cannot be loaded:\n{not_pickled}\n{error}"
            ) from error
    booster.set_param({"nthread": 1})
    return booster, pickled


def predict(models: list[tuple[xgb.Booster, bool]], data: xgb.DMatrix, kind: str) -> np.ndarray:
    """Return the predictions of one model, or the mean of several; ValueError for wrong features."""
    first, pickled = models[0]
    if pickled:
        expected, found = first.num_features(), data.num_col()
        fits = found <= expected + 1 if kind in LIBSVM else found in (expected, expected + 1)
        if not fits:
            raise ValueError(
                f"Feature size of {kind} inference data {found} is not consistent with feature size "
                f"of trained model {expected}."
            )
    found = [one(booster, data) for booster, _ in models]
    return found[0] if len(found) == 1 else np.mean(found, axis=0)


def one(booster: xgb.Booster, data: xgb.DMatrix) -> Any:
    """Return what one booster predicts, up to its best iteration where training stopped early."""
    try:
        last = booster.best_iteration + 1
    except AttributeError:
        last = 0  # all
    return booster.predict(data, iteration_range=(0, last), validate_features=False)
