"""The platform on the local cloud: what `cdk bootstrap` and `cdk deploy --all` do, in one go."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import slipway
from slipway.cli.env import ACCOUNT, REGION, variables
from slipway.cli.errors import Refused
from slipway.cli.local import Running
from slipway.cli.output import note

APP = "cdk.json"


def deploy(cloud: Running, environment: str) -> None:
    """Deploy every stack of an environment with the CDK CLI; its words go to stderr.

    Raises:
        Refused: There is no CDK app or CLI, or the CLI failed; it has said why.
    """
    folder = app_folder(Path.cwd())
    cdk = command()
    for words in (
        # Without an app, which would be synthesized to see which environments it has.
        ["bootstrap", "--app", "", f"aws://{ACCOUNT}/{REGION}"],
        ["deploy", "--all", "--progress", "events"],
    ):
        note(f"cdk {shlex.join(words)} -c environment={environment}")
        ended = subprocess.run(
            [cdk, *words, "-c", f"environment={environment}"],
            cwd=folder,
            env=environ(cloud),
            stdout=sys.stderr,
            check=False,
        )
        if ended.returncode != 0:
            raise Refused(
                f"`cdk {words[0]}` ended with code {ended.returncode}, see above; what is deployed "
                "stays as it is, and the same command goes on from there"
            )


def app_folder(start: Path) -> Path:
    """Return the nearest folder upwards with a CDK app, else the one Slipway was installed from."""
    source = Path(slipway.__file__).parents[2]
    for folder in (start, *start.parents, source):
        if (folder / APP).is_file():
            return folder
    raise Refused(f"expected {APP} in {start} or above, found none; run this in a clone of Slipway")


def command() -> str:
    """Return the CDK CLI: the one that set-up installed, else that of the PATH."""
    own = Path(sys.executable).parent / "cdk"
    found = str(own) if own.exists() else shutil.which("cdk")
    if not found:
        raise Refused("expected the CDK CLI (`cdk`) on the PATH, found none; run `make setup`")
    return found


def environ(cloud: Running) -> dict[str, str]:
    """Return the environment of the CDK CLI: it talks to the local cloud, as its administrator."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return kept | variables(cloud) | {"PATH": tools}
