"""Start one container's model server under a supervisor of jobs."""

import shutil
from pathlib import Path
from typing import Any

from slipway.hosting.container import Container, Server
from slipway.hosting.ports import SAFE, Doorway, Port
from slipway.jobs import own_python, sandbox
from slipway.jobs.process import Process, environment, hosts_file, launch
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import ROOT, Workspace

MODEL = f"{ROOT}/model"


def lay_out(container: Container, place: Workspace) -> None:
    """Create the folders that a server needs before its artifacts come."""
    for folder in (place.ml, place.tmp, place.home, place.path / "scratch"):
        folder.mkdir(parents=True)
    place.outside(MODEL).mkdir()
    own_python.make(container.image.prefix, place.python, container.image.only)


def own_network(container: Container, isolated: bool, way: Sandbox) -> bool:
    """Tell whether a server gets a network namespace: where it may not or need not see the machine's."""
    return isolated or (not container.image.binds_port and way.way in ("namespace", "bubblewrap"))


def start(
    container: Container,
    server: Server,
    place: Workspace,
    shared: Path | None,
    way: Sandbox,
    settings: Settings,
    log: Path,
    port: Port | Doorway,
) -> Process:
    """Start a server whose workspace is laid out; `shared` artifacts are mounted as its /opt/ml/model."""
    hosts = place.path / "hosts"
    hosts.write_text(hosts_file([server.host]))
    own = port.plan is not None
    mounted = sandbox.mounts(place, [], container.image, hosts, not own)
    if shared:
        mounted["read_only"].append(str(shared))
        mounted["binds"].append((str(shared), str(place.outside(MODEL))))
    variables = dict(container.environment)
    variables["SAGEMAKER_BIND_TO_PORT"] = str(port.number)
    variables["SAGEMAKER_SAFE_PORT_RANGE"] = SAFE
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


def copy(artifacts: Path, place: Workspace) -> None:
    """Give a server a copy of its artifacts, where they cannot be mounted read-only."""
    shutil.copytree(artifacts, place.outside(MODEL), dirs_exist_ok=True)
