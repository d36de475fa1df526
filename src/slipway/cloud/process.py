"""The cloud's process: `python -m slipway.cloud.process HOME PORT [--enforce-iam]`."""

import contextlib
import os
import resource
import sys
from pathlib import Path

FILES = 65536


def own_environment() -> None:
    """Forget how this user reaches AWS: the cloud's own clients talk to the cloud, past any proxy."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def open_many() -> None:
    """Allow many open files, as far as the system does: a request in work holds two connections."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS has a lower limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def main() -> int:
    """Serve until SIGTERM; one line on stderr when that is not possible."""
    from slipway.cloud.home import CannotStart
    from slipway.cloud.serving import serve
    from slipway.numbers import BadSetting

    try:
        serve(Path(sys.argv[1]).absolute(), int(sys.argv[2]), "--enforce-iam" in sys.argv[3:])
    except (CannotStart, BadSetting) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    # The order of sets must be the same in every process, or a replayed request may choose otherwise.
    # First of all, before anything is imported that would have to be imported again.
    if os.environ.get("PYTHONHASHSEED") != "0":
        command = [sys.executable, "-m", "slipway.cloud.process", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | {"PYTHONHASHSEED": "0"})  # noqa: S606
    del os.environ["PYTHONHASHSEED"]  # jobs have their own
    own_environment()
    open_many()
    sys.exit(main())
