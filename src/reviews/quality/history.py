"""The metrics of this run and of those before it: a file each, so that no run can harm another's.

A run gets the files of all earlier ones as an input and adds one as an output to the same place in S3.
Each file is what Deequ's FileSystemMetricsRepository writes: a JSON list of results with their keys.
"""

import json
from pathlib import Path
from typing import Any


def gather(folder: Path, repository: Path) -> int:
    """Put the results of all files of a folder into one repository file; return how many there are."""
    results: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        results += json.loads(file.read_text())
    results.sort(key=date)
    if results:
        repository.write_text(json.dumps(results))
    return len(results)


def keep(repository: Path, moment: int, folder: Path) -> Path:
    """Write the results whose key has this time (epoch milliseconds) into a file of their own."""
    results = [r for r in json.loads(repository.read_text()) if date(r) == moment]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{moment}.json"
    file.write_text(json.dumps(results, indent=1) + "\n")
    return file


def date(result: dict[str, Any]) -> int:
    """Return the time of a result's key, in epoch milliseconds."""
    return int(result["resultKey"]["dataSetDate"])
