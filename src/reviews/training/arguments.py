"""The hyperparameters and folders of the training job."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from reviews.arguments import boolean, positive


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse hyperparameters as SageMaker passes them (`--name value`), folders from `SM_*`."""
    parser = argparse.ArgumentParser(prog="train.py")
    parser.add_argument("--epochs", type=positive, default=3)
    parser.add_argument("--learning_rate", type=float, default=1e-5)
    parser.add_argument("--epsilon", type=float, default=1e-8, help="Adam's")
    parser.add_argument("--train_batch_size", type=positive, default=128)
    parser.add_argument("--validation_batch_size", type=positive, default=128)
    parser.add_argument(
        "--train_steps_per_epoch", type=int, default=0, help="batches; 0 takes every review once"
    )
    parser.add_argument(
        "--validation_steps", type=int, default=0, help="batches; 0 takes every review once"
    )
    parser.add_argument("--freeze_bert_layer", type=boolean, default=False, help="True or False")
    parser.add_argument("--seed", type=int, default=42)
    for channel in ("train", "validation", "weights"):
        folder = os.environ.get(f"SM_CHANNEL_{channel.upper()}", f"/opt/ml/input/data/{channel}")
        parser.add_argument(f"--{channel}", type=Path, default=Path(folder))
    model = os.environ.get("SM_MODEL_DIR", "/opt/ml/model")
    parser.add_argument("--model_output", type=Path, default=Path(model))
    parser.add_argument("--checkpoints", type=Path, default=Path("/opt/ml/checkpoints"))
    return parser.parse_args(words)
