"""Where the parts of a model artifact lie. Standard library only."""

from pathlib import Path

SAVED_MODEL = Path("tensorflow") / "saved_model" / "0"  # what TensorFlow Serving looks for
CARD = "model_card.json"
