"""Set-up: each part once per lock, nothing half done."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def setup(monkeypatch, tmp_path):
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_part_is_installed_once_per_lock_and_leaves_nothing_of_the_old_one(setup, tmp_path):
    target, calls = tmp_path / "part", []

    def install(folder):
        calls.append(folder)
        (folder / f"file{len(calls)}").touch()

    setup.once("part", "lock 1", target, install)
    setup.once("part", "lock 1", target, install)
    assert len(calls) == 1
    setup.once("part", "lock 2", target, install)
    assert {p.name for p in target.iterdir()} == {"file2", ".slipway-lock"}


def test_a_part_that_failed_is_installed_again(setup, tmp_path):
    target, calls = tmp_path / "part", []

    def install(folder):
        calls.append(folder)
        if len(calls) == 1:
            raise OSError("no network")

    with pytest.raises(OSError):
        setup.once("part", "lock", target, install)
    setup.once("part", "lock", target, install)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "lock",
    [
        *ROOT.glob("src/slipway/images/*/requirements.txt"),
        *ROOT.glob("pipelines/assets/*.txt"),
        ROOT / "tests/benchmarks/peers.txt",
    ],
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_a_lock_pins_and_hashes_everything_and_names_no_host(lock):
    lines = lock.read_text().splitlines()
    pinned = [n for n, line in enumerate(lines) if line and line[0] not in " #"]
    assert pinned
    for n in pinned:
        assert "==" in lines[n], lines[n]
        assert "--hash=sha256:" in lines[n] or "--hash=sha256:" in lines[n + 1], lines[n]
    assert "://" not in lock.read_text()
