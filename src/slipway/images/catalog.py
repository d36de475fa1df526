"""Which family a container image belongs to, by its URI."""

import fnmatch
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.images import python, sklearn, spark, tensorflow
from slipway.images.family import Family
from slipway.jobs.job import Image

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (python.FAMILY, sklearn.FAMILY, spark.FAMILY, tensorflow.FAMILY)
}


class UnknownImage(Exception):
    """An image that no family stands for; the message says which are known and how to map one."""


@dataclass(frozen=True)
class Catalog:
    """The known families, and the user's own mapping of images to them."""

    mapping: Mapping[str, str]  # family by a pattern of URIs such as "*/my-image:*"
    source: Path  # the file in which a user writes that mapping

    def find(self, uri: str) -> Image:
        """Return what stands for an image; UnknownImage if nothing does."""
        for pattern, name in self.mapping.items():
            if fnmatch.fnmatchcase(uri, pattern):
                if name not in FAMILIES:
                    raise UnknownImage(
                        f"{self.source}: {pattern!r} names {name!r}; {self._known()}"
                    )
                return FAMILIES[name].image()
        for family in FAMILIES.values():
            if family.claims(uri):
                return family.image()
        raise UnknownImage(
            f"no image family stands for {uri!r}; {self._known()}; to map it to one of them, write "
            f'{{"{pattern_for(uri)}": "<family>"}} into {self.source}'
        )

    def _known(self) -> str:
        known = (f"{family.name} ({family.repository})" for family in FAMILIES.values())
        return f"the known families are {', '.join(known)}"


def read(source: Path) -> Catalog:
    """Return the catalog with the mapping of a JSON file; without a mapping where there is no file."""
    if not source.exists():
        return Catalog({}, source)
    try:
        mapping = json.loads(source.read_text())
    except ValueError as error:
        raise UnknownImage(f"{source} is not JSON: {error}") from error
    if not isinstance(mapping, dict):
        raise UnknownImage(f"{source}: expected an object of URI patterns and family names")
    return Catalog(mapping, source)


def pattern_for(uri: str) -> str:
    """Return a pattern that means an image in every account, region and version."""
    return f"*{uri.rpartition('/')[2].partition(':')[0].partition('@')[0]}*"
