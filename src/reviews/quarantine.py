"""Set refused rows aside in a file and count them; too large a share of them fails the job."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reviews.readers import Batch
from reviews.schema import Reject, Review


class TooManyRejects(Exception):
    """More rows were refused than the job allows."""


class Quarantine:
    """A JSON Lines file of refused rows. As a context it closes the file; `check` judges the share."""

    def __init__(self, path: Path, limit: float) -> None:
        """Open `path` for writing; `limit` is the share of rows (0 to 1) that may be refused."""
        self.path = path
        self.limit = limit
        self.rows = 0
        self.rejected = 0
        self.first: Reject | None = None
        self.reasons: Counter[str] = Counter()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def accept(self, batches: Iterable[Batch]) -> Iterator[list[Review]]:
        """Yield the good rows of each batch and set the others aside; check the share at the end."""
        for batch in batches:
            self.add(len(batch.reviews), batch.rejects)
            yield batch.reviews
        self.check()

    def add(self, accepted: int, rejects: Iterable[Reject]) -> None:
        """Count accepted rows, and write refused ones down."""
        self.rows += accepted
        for reject in rejects:
            self.rows += 1
            self.rejected += 1
            self.first = self.first or reject
            self.reasons[f"{reject.column or 'row'}: {reject.reason.split(', found')[0]}"] += 1
            self._file.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")

    @property
    def share(self) -> float:
        """The share of rows that were refused, 0 to 1."""
        return self.rejected / self.rows if self.rows else 0.0

    def check(self) -> None:
        """Raise TooManyRejects where the share is above the limit."""
        self._file.flush()
        if self.share > self.limit and self.first:
            raise TooManyRejects(
                f"{self.rejected} of {self.rows} rows ({self.share:.2%}) were refused, the limit is "
                f"{self.limit:.2%}; the first: {self.first.file}, line {self.first.line}, "
                f"{self.first.column or 'row'}: {self.first.reason}; all of them are in "
                f"{self.path.name} of the quarantine output"
            )

    def report(self) -> dict[str, Any]:
        """Return the counts, for a job's report."""
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "share": self.share,
            "limit": self.limit,
            "reasons": dict(self.reasons.most_common()),
        }
