"""Find out, by trying, how jobs can run on this machine."""

import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from slipway.jobs import sandbox
from slipway.jobs.job import Image, Instance, Job
from slipway.jobs.process import start
from slipway.jobs.sandbox import Sandbox, Way
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import ROOT, Workspace, lay_out, layer, remove


@cache
def find(folder: Path) -> Sandbox:
    """Return the best sandbox whose trial works for job folders below `folder`."""
    failed: list[str] = []
    for way, overlay in (("namespace", True), ("namespace", False), ("bubblewrap", False)):
        if problem := trial(Sandbox(way, overlay, ()), folder):  # type: ignore[arg-type]
            failed.append(f"{way}{' with overlay' if overlay else ''}: {problem}")
        else:
            return Sandbox(way, overlay, tuple(failed))  # type: ignore[arg-type]
    rest: Way = "link" if is_ours(sandbox.LINK) else "substitution"
    if rest == "substitution":
        failed.append(f"link: {ROOT} is not a link to a place of yours")
    return Sandbox(rest, False, tuple(failed))


def trial(way: Sandbox, folder: Path) -> str:
    """Run the smallest job in a sandbox; return what went wrong, or ""."""
    if way.way == "bubblewrap" and not shutil.which("bwrap"):
        return "bwrap is not installed"
    if sys.platform != "linux":
        return "only Linux has it"
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="probe-", dir=folder))
    try:
        place = Workspace(path / "algo-1")
        target = f"{ROOT}/input/data/probe"
        script = f"cat {target}/sample && echo more >> {target}/sample && test -d {ROOT}/model"
        job = Job(
            kind="ProcessingJob",
            name="probe",
            image=Image("probe", Path(sys.prefix)),
            command=("/bin/sh", "-c", script),
            instances=(Instance("algo-1", {}, {}),),
            folders=(f"{ROOT}/model", target),
            max_runtime=10,
        )
        lay_out(place, job, job.instances[0], str)
        layers = [layer(place, 0, target)] if way.overlay else []
        sample = (layers[0].lower if layers else place.outside(target)) / "sample"
        sample.write_text("sample\n")
        settings = Settings.of({})
        ended = start(job, job.instances[0], place, layers, way, settings, path).wait()
        if ended.why == "exit" and ended.code == 0:
            changed = way.overlay and sample.read_text() != "sample\n"
            return "the overlay let a write through" if changed else ""
        return ended.detail or (path / "algo-1.log").read_text()[-500:].strip()
    except OSError as error:
        return str(error)
    finally:
        remove(path)


def is_ours(link: Path) -> bool:
    """Return whether a path is a link to a name that we may point elsewhere."""
    return link.is_symlink() and os.access((link.parent / link.readlink()).parent, os.W_OK)
