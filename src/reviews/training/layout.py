"""Where the parts of a model artifact lie, and what its signatures are called. Standard library only."""

from pathlib import Path

# What TensorFlow Serving looks for: a model `saved_model` in its version 1. Not 0: its container strips
# leading zeros of a version, and nothing would be left of this one.
SAVED_MODEL = Path("tensorflow") / "saved_model" / "1"
CARD = "model_card.json"
CODE = "code"
# Steps of an eighth to a quarter: padding is little work, and reviews of one length still meet.
STEPS = (*range(8, 64, 8), *range(64, 128, 16), *range(128, 256, 32), *range(256, 513, 64))


def lengths(max_seq_length: int) -> tuple[int, ...]:
    """Return the lengths that have a signature of their own; the last is `max_seq_length`."""
    return (*(step for step in STEPS if step < max_seq_length), max_seq_length)


def signature(length: int) -> str:
    """Return the name of the signature for reviews of at most so many tokens.

    TensorFlow Serving merges requests of one signature, and fails where their shapes differ. So each
    length has its own, and a short review is not padded to the longest that a model can take.
    """
    return f"tokens_{length}"
