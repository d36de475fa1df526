"""Start one container's model server under a supervisor of jobs."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway.hosting.container import Container, ModelData, Server
from slipway.hosting.ports import Doorway, Port, safe
from slipway.jobs import own_python, sandbox
from slipway.jobs.process import Process, environment, hosts_file, launch
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import ROOT, Workspace

MODEL = f"{ROOT}/model"
CHANNELS = f"{ROOT}/additional-model-data-sources"


def lay_out(container: Container, place: Workspace) -> None:
    """Create the folders that a server needs before its artifacts come."""
    for folder in (place.ml, place.tmp, place.home, place.path / "scratch"):
        folder.mkdir(parents=True)
    for path in (MODEL, *artifacts(container)):
        place.outside(path).mkdir(parents=True, exist_ok=True)
    own_python.make(container.image.prefix, place.python, container.image.only)


def own_network(container: Container, isolated: bool, way: Sandbox) -> bool:
    """Tell whether a server gets a network namespace: where it may not or need not see the machine's."""
    return isolated or (not container.image.binds_port and way.way in ("namespace", "bubblewrap"))


def start(
    container: Container,
    server: Server,
    place: Workspace,
    shared: Mapping[str, Path],
    way: Sandbox,
    settings: Settings,
    log: Path,
    port: Port | Doorway,
) -> Process:
    """Start a server whose workspace is laid out; `shared` artifacts are mounted at their paths."""
    hosts = place.path / "hosts"
    hosts.write_text(hosts_file([server.host]))
    own = port.plan is not None
    mounted = sandbox.mounts(place, [], container.image, hosts, not own)
    for path, copy in shared.items():
        mounted["read_only"].append(str(copy))
        mounted["binds"].append((str(copy), str(place.outside(path))))
    variables = dict(container.environment)
    variables["SAGEMAKER_BIND_TO_PORT"] = str(port.number)
    variables["SAGEMAKER_SAFE_PORT_RANGE"] = safe(port.number)
    plan: dict[str, Any] = {
        "mounts": mounted,
        "network": not own,
        "command": [way.inside(word, place) for word in container.image.command("serve")],
        "directory": str(container.image.folder or way.inside(ROOT, place)),
        "environment": environment(container.image, variables, place, way, settings.cores),
        "log": str(log),
        "metrics": [],
        "metrics_file": "",
        "max_runtime": float("inf"),
        "grace": settings.grace,
    }
    if own:
        plan["door"] = port.plan
    process = launch(plan, place, way, settings, port.passing)
    port.started()
    return process


def artifacts(container: Container) -> dict[str, ModelData]:
    """Return a container's artifacts by the paths at which it finds them."""
    model = {MODEL: container.data} if container.data else {}
    return model | {f"{CHANNELS}/{name}": each for name, each in container.channels.items()}


def copy(shared: Mapping[str, Path], place: Workspace) -> None:
    """Give a server copies of its artifacts, where they cannot be mounted read-only."""
    for path, found in shared.items():
        shutil.copytree(found, place.outside(path), dirs_exist_ok=True)
