"""A Python environment of a job's own, on top of its image's: what the job installs stays here."""

import os
from pathlib import Path

PIP = '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n'


def make(prefix: Path, target: Path, only: tuple[str, ...] = ()) -> None:
    """Make an environment that sees an image's packages and never changes them.

    A virtual environment by its layout (PEP 405), made of five small files, so that it costs a
    millisecond. pip finds the image's packages installed, and puts newer ones before them.
    """
    (packages,) = prefix.glob("lib/python3.*/site-packages")
    own = target / packages.relative_to(prefix)
    own.mkdir(parents=True)
    interpreter = os.path.realpath(prefix / "bin" / "python")
    settings = prefix / "pyvenv.cfg"
    said = settings.read_text() if settings.is_file() else f"home = {Path(interpreter).parent}\n"
    (target / "pyvenv.cfg").write_text(said)
    for name in only:
        (own / name).symlink_to(packages / name)
    if not only:
        (own / "image.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    commands = target / "bin"
    commands.mkdir()
    for name in ("python", "python3", packages.parent.name):
        (commands / name).symlink_to(interpreter)
    for name in ("pip", "pip3"):
        (commands / name).write_text(PIP)
        (commands / name).chmod(0o755)
