"""The workflows: readable, without stored keys, every action by the digest of its commit."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

WORKFLOWS = sorted((Path(__file__).resolve().parents[2] / ".github" / "workflows").glob("*.yml"))
NEW = [path for path in WORKFLOWS if path.stem in ("platform", "deploy")]


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_says_when_it_runs_and_how_little_it_may(path: Path) -> None:
    workflow = read(path)
    assert workflow[True]  # YAML's reading of `on`
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "uses" in job or "timeout-minutes" in job
        assert job.get("needs", "") in ("", *workflow["jobs"])


@pytest.mark.parametrize("path", NEW, ids=lambda path: path.stem)
def test_actions_are_pinned_and_no_key_is_stored(path: Path) -> None:
    assert "secrets." not in path.read_text()
    for step in steps(read(path)):
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step["uses"])


def test_environments_are_deployed_one_after_the_other_each_with_its_approval() -> None:
    platform = read(next(path for path in NEW if path.stem == "platform"))["jobs"]
    order = ["test", "synth", "deploy-dev", "deploy-staging", "deploy-prod"]
    for before, after in pairwise(order):
        assert platform[after]["needs"] == before
    deploy = read(next(path for path in NEW if path.stem == "deploy"))["jobs"]["deploy"]
    assert deploy["environment"] == "${{ inputs.environment }}"
    assert deploy["permissions"]["id-token"] == "write"
