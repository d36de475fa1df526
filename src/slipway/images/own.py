"""An image of the user's own: a program on this machine that stands for a container image."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.images import environment
from slipway.jobs.job import Image
from slipway.jobs.process import SYSTEM_PATH

FLAGS = ("streams", "multi_model", "binds_port")
MEMBERS = ("command", "folder", "environment", *FLAGS)


class Unusable(Exception):
    """What an entry names is not there, or of the wrong form; the message says what was expected."""


@dataclass(frozen=True)
class Own:
    """What the user said of an image; the same as a container's ENTRYPOINT, WORKDIR and labels."""

    command: tuple[str, ...]  # gets "serve" or "train" as its last word
    folder: Path  # in which it starts
    environment: Path | None = None  # of Python; none: a bare Python with pip
    streams: bool = False
    multi_model: bool = False
    binds_port: bool = False

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Own":
        """Read an entry of `images.json`; Unusable when its form is wrong."""
        if unknown := set(entry) - set(MEMBERS):
            raise Unusable(f"expected members of {MEMBERS}, found {sorted(unknown)}")
        command = entry.get("command")
        if not isinstance(command, list) or not command or not all_words(command):
            raise Unusable(f"expected `command` to be a list of words, found {command!r}")
        for name in ("folder", "environment"):
            if not isinstance(entry.get(name, ""), str):
                raise Unusable(f"expected `{name}` to be a path, found {entry[name]!r}")
        for name in FLAGS:
            if not isinstance(entry.get(name, False), bool):
                raise Unusable(f"expected `{name}` to be true or false, found {entry[name]!r}")
        named = entry.get("environment")
        return cls(
            tuple(command),
            Path(entry.get("folder", "/")),
            Path(named) if named else None,
            **{name: entry.get(name, False) for name in FLAGS},
        )

    def entry(self) -> dict[str, Any]:
        """Return what stands in `images.json`."""
        found: dict[str, Any] = {"command": list(self.command), "folder": str(self.folder)}
        if self.environment:
            found["environment"] = str(self.environment)
        return found | {name: True for name in FLAGS if getattr(self, name)}

    def image(self) -> Image:
        """Return what a job or server gets; Unusable when something of it is not there."""
        if not self.folder.is_dir():
            raise Unusable(f"expected a folder to start in, found none at {self.folder}")
        if self.environment:
            check_environment(self.environment)
        path = f"{self.environment}/bin:{SYSTEM_PATH}" if self.environment else SYSTEM_PATH
        program = self.command[0]
        by_path = str(self.folder / program) if "/" in program else program
        if not shutil.which(by_path, path=path) and program not in ("python", "python3", "pip"):
            raise Unusable(
                f"expected a program that can be executed, found none: {program!r} in {self.folder} "
                f"and on {path}"
            )
        return Image(
            "own",
            self.environment or environment.prefix("sklearn"),
            only=() if self.environment else ("pip",),
            entrypoint=self.command,
            folder=self.folder,
            streams=self.streams,
            multi_model=self.multi_model,
            binds_port=self.binds_port,
        )


def check_environment(prefix: Path) -> None:
    """Refuse a folder that is no Python environment; Unusable says what makes one."""
    packages = list(prefix.glob("lib/python3.*/site-packages"))
    if len(packages) != 1 or not os.access(prefix / "bin" / "python", os.X_OK):
        raise Unusable(
            f"expected a Python environment with bin/python, found none at {prefix}; make one with "
            "`python -m venv`"
        )


def all_words(found: list[Any]) -> bool:
    """Return whether a list holds words that a command can be made of."""
    return all(isinstance(word, str) and word and "\0" not in word for word in found)
