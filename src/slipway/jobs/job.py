"""One job as plain data: what a job of any kind comes down to before anything runs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Image:
    """What a container image brings to a job."""

    family: str
    prefix: Path  # a Python environment, never changed by a job
    commands: tuple[Path, ...] = ()  # folders of the image's own commands, ahead on PATH
    environment: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()  # of its environment's packages; all where none is named
    entrypoint: tuple[str, ...] = ()  # before "serve" or "train"; else these are programs on PATH
    folder: Path | None = None  # where its program starts; /opt/ml where none is named
    streams: bool = False  # its server answers in parts
    multi_model: bool = False  # its server has the /models API
    binds_port: bool = False  # its server listens where SAGEMAKER_BIND_TO_PORT says, else on 8080
    lock: str = ""  # of its environment, where that is made on first use; see images.build

    def command(self, word: Literal["serve", "train"]) -> tuple[str, ...]:
        """Return what a container of this image runs when it is started with a word."""
        return (*self.entrypoint, word)


@dataclass(frozen=True)
class Input:
    """S3 objects that the job finds as files below a folder."""

    name: str
    uri: str
    path: str  # absolute, as the job sees it
    manifest: bool = False  # `uri` is a manifest file, else a key prefix
    sharded: bool = False  # each instance gets its share of the objects
    gunzip: bool = False
    required: bool = True  # that there is nothing under `uri` fails the job


@dataclass(frozen=True)
class Upload:
    """A folder of the job whose files go to S3."""

    path: str  # absolute, as the job sees it
    uri: str  # the prefix of the files' keys; with `archive`, the key of the one object
    continuous: bool = False  # also while the job runs, and even when it fails
    archive: bool = False  # as one tar.gz
    optional: bool = False  # nothing is written when the folder is empty


@dataclass(frozen=True)
class Instance:
    """One machine of the job's cluster."""

    host: str  # "algo-1"
    files: Mapping[str, str]  # content by absolute path, as the job sees it
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Metric:
    """A metric and the regular expression whose first group is its value in a line of the log."""

    name: str
    regex: str


@dataclass(frozen=True)
class Job:
    """Everything that is needed to run one job."""

    kind: Literal["TrainingJob", "ProcessingJob"]
    name: str
    image: Image
    command: tuple[str, ...]
    instances: tuple[Instance, ...]
    folders: tuple[str, ...]  # that exist before the command starts
    inputs: tuple[Input, ...] = ()
    uploads: tuple[Upload, ...] = ()
    metrics: tuple[Metric, ...] = ()
    max_runtime: int = 86_400  # seconds
    isolated: bool = False  # without network
