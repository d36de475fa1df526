"""Which SavedModels lie below a folder: `…/<name>/<version>/saved_model.pb`."""

import os
from dataclasses import dataclass
from pathlib import Path

FILES = ("saved_model.pb", "saved_model.pbtxt")


@dataclass(frozen=True)
class Model:
    """A model by the name of its folder, and its versions."""

    name: str
    versions: dict[int, Path]


def find(base: Path) -> dict[str, Model]:
    """Return the models below a folder by name, in the order of their paths.

    ValueError where there are none, or where two folders want one name or one version.
    """
    found: dict[str, Model] = {}
    homes: dict[str, Path] = {}
    for folder, below, files in os.walk(base):
        below.sort()
        version = Path(folder)
        if not version.name.isdecimal() or not set(FILES) & set(files):
            continue
        home = version.parent
        model = found.setdefault(home.name, Model(home.name, {}))
        if homes.setdefault(home.name, home) != home:
            raise ValueError(
                f"{homes[home.name]} and {home}: two models have the name {home.name!r}"
            )
        number = int(version.name)
        if number in model.versions:
            raise ValueError(f"{version} and {model.versions[number]} are both version {number}")
        model.versions[number] = version
    if not found:
        raise ValueError("no SavedModel bundles found!")
    return found
