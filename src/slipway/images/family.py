"""What an image family is: the images it stands for, and what they bring to a job."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slipway.images import environment
from slipway.jobs.job import Image

COMMANDS = Path(__file__).parent / "commands"  # the programs that images bring besides Python


@dataclass(frozen=True)
class Family:
    """Images of one kind, whatever their account, region and version."""

    name: str
    repository: str  # of its images, as people know it
    matches: str  # regular expression of the whole "repository:tag"
    environment: str  # the name of its Python environment
    commands: tuple[str, ...] = ()  # folders in COMMANDS
    variables: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()  # of its environment's packages; all where none is named
    streams: bool = False  # its server answers in parts
    multi_model: bool = False  # its server has the /models API
    binds_port: bool = False  # its server listens where SAGEMAKER_BIND_TO_PORT says
    on_first_use: bool = False  # set-up leaves its environment out

    def claims(self, uri: str) -> bool:
        """Return whether an image is of this family."""
        return re.fullmatch(self.matches, uri.rpartition("/")[2]) is not None

    def image(self) -> Image:
        """Return what a job gets."""
        return Image(
            self.name,
            environment.prefix(self.environment),
            tuple(COMMANDS / name for name in self.commands),
            self.variables,
            self.only,
            streams=self.streams,
            multi_model=self.multi_model,
            binds_port=self.binds_port,
            lock=self.environment if self.on_first_use else "",
        )
