"""Resolve every `.in` file of the repository into its hashed lock; a lock names no host."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = ["--universal", "--generate-hashes", "--python-version", "3.11", "--no-emit-index-url"]


def main() -> int:
    """Compile the locks of images and peers with their dependencies, those of assets without."""
    images = sorted((ROOT / "src/slipway/images").glob("*/requirements.in"))
    assets = sorted((ROOT / "pipelines/assets").glob("*.in"))
    peers = sorted((ROOT / "tests/benchmarks").glob("*.in"))
    for source in [*images, *peers, *assets]:
        command = [str(ROOT / ".venv/bin/uv"), "pip", "compile", "-q", *COMMON, "--upgrade"]
        if source in assets:
            command += ["--no-deps", "--no-header"]
        if (overrides := source.with_name("overrides.txt")).exists():
            command += ["--override", str(overrides.relative_to(ROOT))]
        command += ["--custom-compile-command", "make lock", str(source.relative_to(ROOT))]
        subprocess.run(
            [*command, "-o", str(source.with_suffix(".txt").relative_to(ROOT))],
            check=True,
            cwd=ROOT,
        )
        print(source.with_suffix(".txt").relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
