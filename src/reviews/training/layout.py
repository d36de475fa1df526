"""Where the parts of a model artifact lie. Standard library only."""

from pathlib import Path

# What TensorFlow Serving looks for: a model `saved_model` in its version 1. Not 0: its container strips
# leading zeros of a version, and nothing would be left of this one.
SAVED_MODEL = Path("tensorflow") / "saved_model" / "1"
CARD = "model_card.json"
