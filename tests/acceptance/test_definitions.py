"""What SDKs and published notebooks emit is read."""

import json
from pathlib import Path

import pytest

from slipway.definition.graph import build_graph
from slipway.definition.parse import parse, parse_one_step

SHARED = Path(__file__).parents[2].parent / "shared" / "acceptance"
DICTIONARIES = sorted((SHARED / "sdk_v2_expected_dsl").glob("*.json"))
NOTEBOOKS = sorted((SHARED / "pipeline_definitions").glob("*.json"))

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/acceptance is not there")


def test_every_dictionary_of_the_sdks_own_tests_is_read():
    read = 0
    for file in DICTIONARIES:
        for entry in json.loads(file.read_text()):
            source = entry["definition"]
            if "Steps" in source:
                definition = parse(source)
                assert [step.name for step in definition.steps] == [
                    step["Name"] for step in source["Steps"]
                ]
            else:
                assert parse_one_step(source).name == source["Name"]
            read += 1
    assert read == 96


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_real_definitions_are_read_and_run_in_the_order_of_their_data(file):
    definition = parse(file.read_text())
    order = list(build_graph(definition).steps)
    assert len(order) == len(list(definition.walk()))
    written = [step.name for step in definition.walk()]
    assert order == written  # both notebooks list their steps in the order they run
