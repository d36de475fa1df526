"""What a model must know of its features: labels, `MaxSeqLength`, tokenizer; each in one place.

The features job writes the specification beside the training records, the training job moves it into
the model artifact, and whatever uses the model reads it there.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FILE = "features.json"
TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class FeatureSpec:
    """The meaning of a record: star ratings by label index, and the tokens per review."""

    max_seq_length: int
    star_ratings: tuple[int, ...] = (1, 2, 3, 4, 5)  # of label 0, 1, …

    def label_of(self, star_rating: int) -> int:
        """Return the label (from 0) of a star rating."""
        return self.star_ratings.index(star_rating)

    def save(self, folder: Path, tokenizer: Path) -> None:
        """Write the specification and a copy of the tokenizer's file into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {"max_seq_length": self.max_seq_length, "star_ratings": list(self.star_ratings)}
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n")
        shutil.copyfile(tokenizer, folder / TOKENIZER)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the specification of a folder; FileNotFoundError where there is none."""
        content = json.loads((folder / FILE).read_text())
        return cls(content["max_seq_length"], tuple(content["star_ratings"]))
