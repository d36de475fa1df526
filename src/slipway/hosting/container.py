"""A model's containers as plain data: what CreateModel's members come down to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slipway.jobs.job import Image


@dataclass(frozen=True)
class ModelData:
    """The artifacts that a container finds below /opt/ml/model."""

    uri: str  # an archive; with `prefix`, where objects begin
    prefix: bool = False  # the objects below a prefix, as they are
    packed: bool = True  # one tar.gz, unpacked before the start


@dataclass(frozen=True)
class Container:
    """One container of a model."""

    name: str  # "primary", or its hostname; also in AWS's error texts
    image: Image
    uri: str  # of the image, for messages
    data: ModelData | None
    environment: Mapping[str, str]  # the model's own, with what AWS adds
    models: str = ""  # of a multi-model container: the S3 prefix of its models
    keeps_models: bool = True  # ModelCacheSetting
    channels: Mapping[str, ModelData] = field(default_factory=dict)  # AdditionalModelDataSources


@dataclass(frozen=True)
class Server:
    """What one instance serves: a model of 1 to 15 containers."""

    host: str  # the instance's id, "i-0a1b…"
    variant: str  # for messages
    containers: tuple[Container, ...]
    direct: bool = False  # each container is called by name; else they form a chain
    isolated: bool = False  # without network
    startup_timeout: float = 480.0  # seconds until the first good /ping
    download_timeout: float = 3600.0  # seconds
    disk: int = (
        0  # bytes that the models of a multi-model container may have; 0: half of what is free
    )
