"""Which family a container image belongs to, by its URI, and the images of the user's own."""

import fcntl
import fnmatch
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slipway.images import (
    python,
    pytorch,
    sklearn,
    spark,
    tensorflow,
    tensorflow_inference,
    xgboost,
)
from slipway.images.family import Family
from slipway.images.own import Own, Unusable, check_environment
from slipway.jobs.job import Image

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        python.FAMILY,
        sklearn.FAMILY,
        spark.FAMILY,
        tensorflow.FAMILY,
        tensorflow_inference.FAMILY,
        pytorch.FAMILY,
        xgboost.FAMILY,
    )
}
Entry = str | Mapping[str, Any]  # a family's name; a family in another environment; or an own image


class UnknownImage(Exception):
    """An image that nothing stands for; the message says which are known and how to name another."""


@dataclass(frozen=True)
class Catalog:
    """The known families, and what the user said of other images."""

    mapping: Mapping[str, Entry]  # by a URI, with or without its tag, or a pattern: "*/my-image:*"
    source: Path  # the file in which a user writes that mapping

    def find(self, uri: str) -> Image:
        """Return what stands for an image; UnknownImage if nothing does."""
        key = key_for(self.mapping, uri)
        if key is not None:
            try:
                return image_of(self.mapping[key])
            except Unusable as error:
                raise UnknownImage(f"{uri}: {self.source}: {key!r}: {error}") from error
        for family in FAMILIES.values():
            if family.claims(uri):
                return family.image()
        raise UnknownImage(
            f"no image family stands for {uri!r}; {known()}; to let a program of your own stand for "
            f"it, run `slipway image add {uri or 'URI'} --command …`; to map it to a family, write "
            f'{{"{pattern_for(uri)}": "<family>"}} into {self.source}'
        )


def image_of(entry: Entry) -> Image:
    """Return what an entry stands for; Unusable says what is wrong with it."""
    if isinstance(entry, str):
        return family_of(entry).image()
    if not isinstance(entry, Mapping):
        raise Unusable(f"expected a family's name or an object, found {entry!r}")
    if "family" not in entry:
        return Own.of(entry).image()
    if unknown := set(entry) - {"family", "environment"}:
        raise Unusable(f"expected `family` and `environment`, found {sorted(unknown)}")
    found = family_of(entry["family"]).image()
    if "environment" not in entry:
        return found
    prefix = Path(str(entry["environment"]))
    check_environment(prefix)
    return replace(found, prefix=prefix, lock="")


def family_of(name: Any) -> Family:
    """Return a family by its name; Unusable when there is none."""
    if name not in FAMILIES:
        raise Unusable(f"no family is named {name!r}; {known()}")
    return FAMILIES[name]


def known() -> str:
    """Return which families there are."""
    each = (f"{family.name} ({family.repository})" for family in FAMILIES.values())
    return f"the known families are {', '.join(each)}"


def key_for(mapping: Mapping[str, Entry], uri: str) -> str | None:
    """Return the key that means an image: its URI, its URI without the tag, or the first pattern."""
    for exact in (uri, untagged(uri)):
        if exact in mapping:
            return exact
    return next((key for key in mapping if fnmatch.fnmatchcase(uri, key)), None)


def read(source: Path) -> Catalog:
    """Return the catalog with the mapping of a JSON file; without a mapping where there is no file."""
    try:
        text = source.read_text()
    except FileNotFoundError:
        return Catalog({}, source)
    try:
        mapping = json.loads(text)
    except ValueError as error:
        raise UnknownImage(f"{source} is not JSON: {error}") from error
    if not isinstance(mapping, dict):
        raise UnknownImage(f"{source}: expected an object of image URIs, found {text[:40]!r}")
    return Catalog(mapping, source)


def write(source: Path, uri: str, entry: Entry | None) -> bool:
    """Put an entry into the file, or take it out; return whether there was one before."""
    source.parent.mkdir(parents=True, exist_ok=True)
    with source.with_name(f"{source.name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        mapping = dict(read(source).mapping)
        before = mapping.pop(uri, None) is not None
        if entry is not None:
            mapping[uri] = entry
        draft = source.with_name(f"{source.name}.new")
        draft.write_text(json.dumps(mapping, indent=2) + "\n")
        draft.replace(source)
    return before


def file_of(home: Path) -> Path:
    """Return the file of the mapping: `SLIPWAY_IMAGES`, else in the state folder."""
    return Path(os.environ.get("SLIPWAY_IMAGES") or home / "images.json")


def untagged(uri: str) -> str:
    """Return a URI without its tag and digest."""
    registry, slash, name = uri.partition("@")[0].rpartition("/")
    return registry + slash + name.partition(":")[0]


def pattern_for(uri: str) -> str:
    """Return a pattern that means an image in every account, region and version."""
    return f"*{untagged(uri).rpartition('/')[2]}*"
