"""Which instance of its job this is."""

import json
from pathlib import Path

RESOURCES = Path("/opt/ml/config/resourceconfig.json")  # SageMaker's own file


def current_host() -> str:
    """Return the name of this instance."""
    if RESOURCES.is_file():
        return str(json.loads(RESOURCES.read_text())["current_host"])
    return "algo-1"
