"""Instances without a cloud: real servers of the standard library, and a folder for S3."""

import contextlib
import io
import sys
import tarfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from folder_store import FolderStore
from slipway.hosting.container import Container, ModelData, Server
from slipway.hosting.exchange import Gone, Invocation, Reply
from slipway.hosting.instance import Instance
from slipway.jobs.job import Image
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings

SERVER = Path(__file__).with_name("byo_server.py")
BYO = Image("byo", Path(sys.prefix), entrypoint=("python3", str(SERVER)))
OURS = replace(BYO, family="ours", binds_port=True, environment={"OBEY": "1"})
SEVERAL = replace(BYO, multi_model=True)  # models
LIMITS = Settings(grace=2, memory=1 << 29, processes=200, log=1 << 24, cores=1)


def container(name: str = "primary", image: Image = BYO, data: str = "", **environment: str):
    model = ModelData(data) if data else None
    return Container(name, image, f"{image.family}:1", model, environment)


def tar_of(files: dict[str, bytes], **links: str) -> bytes:
    """Return a tar.gz of files and of links to them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return packed.getvalue()


@dataclass
class Bed:
    """Where a test's instances run."""

    path: Path
    sandbox: Sandbox
    endpoint: str = "http://localhost:1"

    def __post_init__(self) -> None:
        (self.path / "s3" / "bucket").mkdir(parents=True, exist_ok=True)
        self.store = FolderStore(self.path / "s3")
        self.count = 0
        self.all: list[Instance] = []

    def put(self, key: str, content: bytes) -> str:
        path = self.path / "s3" / "bucket" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"s3://bucket/{key}"

    def start(self, *containers: Container, limits: Settings = LIMITS, **about) -> Instance:
        self.count += 1
        host = f"i-{self.count}"
        server = Server(host, "AllTraffic", containers or (container(),), **about)
        folder, log = self.path / "run" / host, self.log(host)
        made = Instance(server, folder, self.store, self.sandbox, limits, log, self.endpoint)
        self.all.append(made)
        made.start()
        return made

    @contextlib.contextmanager
    def serving(self, *containers: Container, **about):
        made = self.start(*containers, **about)
        try:
            assert made.wait(30) == "InService", made.failure
            yield made
        finally:
            made.stop(2)

    def log(self, host: str) -> Path:
        return self.path / "logs" / f"{host}.log"

    def close(self) -> None:
        for each in self.all:
            each.stop(0)


def say(instance: Instance, text: str, timeout: float = 20, **headers: str) -> Reply:
    """Ask an instance, again while its server is being started again."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    end = time.monotonic() + timeout
    while True:
        try:
            return instance.invoke(Invocation(text.encode(), given), timeout)
        except Gone:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
