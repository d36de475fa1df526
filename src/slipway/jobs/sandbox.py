"""How a job gets a /opt/ml of its own on this machine: four ways, tried in this order.

namespace     a mount and PID namespace: jobs run side by side, whatever paths they hard-code
bubblewrap    the same by `bwrap`, where the system lets only it make namespaces
link          /opt/ml is a link that the user once made theirs: jobs take turns with it
substitution  /opt/ml is replaced in a job's arguments, environment and configuration files
"""

import fcntl
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from slipway.jobs.job import Image, Job
from slipway.jobs.workspace import ROOT, Overlay, Workspace

Way = Literal["namespace", "bubblewrap", "link", "substitution"]
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from slipway.jobs.supervisor import main; main()"
)
SOURCES = Path(__file__).parents[2]
LINK = Path(ROOT)

CANNOT: dict[str, tuple[str, ...]] = {
    "namespace": (),
    "bubblewrap": (),
    "link": (
        "jobs run one after the other, and only jobs of one instance run",
        "network isolation is refused",
        "model servers run as with substitution",
    ),
    "substitution": (
        "a script that hard-codes /opt/ml (as SDK v3's ModelTrainer does) fails",
        "network isolation is refused",
        "of the model servers that hard-code port 8080 one runs at a time",
    ),
}


@dataclass(frozen=True)
class Sandbox:
    """The way in use on this machine, and what it cannot do."""

    way: Way
    overlay: bool  # inputs are linked under an overlay, else copied
    why: tuple[str, ...]  # why the better ways are not in use

    @property
    def cannot(self) -> tuple[str, ...]:
        """What this way cannot do, each as a sentence for a person."""
        copied = () if self.overlay else ("inputs are copied instead of linked",)
        return CANNOT[self.way] + copied

    def problem(self, job: Job) -> str:
        """Return why a job cannot run in this sandbox, or ""."""
        if job.isolated and self.way in ("link", "substitution"):
            return "this machine cannot run a job without network (EnableNetworkIsolation)"
        if len(job.instances) > 1 and self.way == "link":
            return "on this machine jobs take turns with /opt/ml, so each can have one instance"
        return ""

    @contextmanager
    def turn(self, workspace: Workspace) -> Iterator[None]:
        """Hold /opt/ml for one instance: its turn with the link, at once everywhere else."""
        if self.way != "link":
            yield
            return
        place = LINK.parent / LINK.readlink()
        with place.with_name(f"{place.name}.turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fresh = place.with_name(f"{place.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(workspace.ml)
            fresh.replace(place)
            yield

    def inside(self, text: str, workspace: Workspace) -> str:
        """Return a text of the job's, with its paths as they are in this sandbox."""
        if self.way != "substitution":
            return text
        return re.sub(rf"{ROOT}(?![\w-])", lambda _: str(workspace.ml), text)


def command(
    sandbox: Sandbox, plan: Path, workspace: Workspace, mounts: dict[str, Any]
) -> list[str]:
    """Return the command that starts the supervisor of a plan in its sandbox."""
    supervisor = [sys.executable, "-I", "-S", "-c", BOOT, str(SOURCES), str(plan)]
    if sandbox.way != "bubblewrap":
        return supervisor
    words = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc"]
    words += ["--unshare-pid", "--as-pid-1", *([] if mounts["network"] else ["--unshare-net"])]
    for path in mounts["read_only"]:
        words += ["--ro-bind", path, path]
    for source, target in mounts["binds"]:
        words += ["--bind", source, target]
    words += ["--tmpfs", "/opt"]
    for entry in sorted(Path("/opt").iterdir()):
        if entry.name != "ml":
            words += ["--bind", str(entry), str(entry)]
    return [*words, "--bind", str(workspace.ml), ROOT, "--", *supervisor]


def mounts(
    workspace: Workspace, overlays: list[Overlay], image: Image, hosts: Path, network: bool
) -> dict[str, Any]:
    """Return what is mounted where for one instance."""
    binds = [(str(hosts), "/etc/hosts")]
    own = [image.folder] if image.folder else []
    own += [Path(word) for word in image.entrypoint if word.startswith("/")]
    needed = (workspace.path, image.prefix, Path(sys.prefix), SOURCES, *own)
    read_only = [image.prefix]
    if image.folder and not (
        workspace.path.is_relative_to(image.folder) or image.folder == Path("/")
    ):
        read_only.append(image.folder)
    if not any(path.is_relative_to("/tmp") for path in needed):  # noqa: S108
        binds.append((str(workspace.tmp), "/tmp"))  # noqa: S108
    return {
        "own": {"/opt": {"ml": str(workspace.ml)}},
        "scratch": str(workspace.path / "scratch"),
        "read_only": [str(path) for path in read_only],
        "binds": binds,
        "network": network,
        "overlays": [
            {
                "lower": str(layer.lower),
                "upper": str(layer.upper),
                "work": str(layer.work),
                "target": layer.target,
            }
            for layer in overlays
        ],
    }
