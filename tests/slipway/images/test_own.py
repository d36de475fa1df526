"""Images of the user's own: which program stands for which URI, and what is wrong with an entry."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from slipway.images import catalog
from slipway.images.catalog import UnknownImage
from slipway.images.own import Own, check_environment
from slipway.jobs import own_python

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


def stands(folder, program="server.py"):
    (folder / program).write_text("#!/bin/sh\n")
    (folder / program).chmod(0o755)
    return Own((f"./{program}",), folder)


def test_a_program_stands_for_an_image_with_what_was_said_of_it(tmp_path):
    source = tmp_path / "images.json"
    own = Own(("python", "server.py"), tmp_path, Path(sys.prefix), streams=True, multi_model=True)
    assert catalog.write(source, f"{ECR}/scorer:1", own.entry()) is False
    found = catalog.read(source).find(f"{ECR}/scorer:1")
    assert found.command("serve") == ("python", "server.py", "serve")
    assert (found.prefix, found.folder) == (Path(sys.prefix), tmp_path)
    assert (found.streams, found.multi_model, found.binds_port) == (True, True, False)


def test_a_tag_goes_before_the_name_and_the_name_before_a_pattern(tmp_path):
    source = tmp_path / "images.json"
    for key, program in (
        (f"{ECR}/scorer:2", "two"),
        (f"{ECR}/scorer", "any"),
        ("*sco*", "pattern"),
    ):
        catalog.write(source, key, stands(tmp_path, program).entry())
    found = catalog.read(source).find
    assert found(f"{ECR}/scorer:2").entrypoint == ("./two",)
    assert found(f"{ECR}/scorer:3").entrypoint == ("./any",)
    assert found(f"{ECR}/scorer@sha256:00").entrypoint == ("./any",)
    assert found("scorer:2").entrypoint == ("./pattern",)


def test_an_image_that_was_taken_out_is_unknown_again_and_the_others_stay(tmp_path):
    source = tmp_path / "images.json"
    source.write_text(json.dumps({"*our*": "tensorflow"}))
    catalog.write(source, "scorer", stands(tmp_path).entry())
    assert catalog.write(source, "scorer", None) is True
    assert catalog.write(source, "scorer", None) is False
    with pytest.raises(UnknownImage, match="slipway image add scorer:1"):
        catalog.read(source).find("scorer:1")
    assert catalog.read(source).find("our:1").family == "tensorflow"


def test_two_that_write_at_once_lose_nothing(tmp_path):
    source, entry = tmp_path / "images.json", stands(tmp_path).entry()
    writers = [
        threading.Thread(target=catalog.write, args=(source, f"image-{n}", entry))
        for n in range(16)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(catalog.read(source).mapping) == 16


def test_a_family_runs_in_an_environment_of_the_users(tmp_path):
    source = tmp_path / "images.json"
    source.write_text(json.dumps({"*": {"family": "sklearn", "environment": sys.prefix}}))
    found = catalog.read(source).find(f"{ECR}/scorer:1")
    assert (found.family, found.prefix) == ("sklearn", Path(sys.prefix))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"command": ["./gone"], "folder": "/"}, "a program that can be executed"),
        ({"command": ["sh"], "folder": "/no/such"}, "a folder to start in"),
        ({"command": ["sh"], "environment": "/etc"}, "a Python environment"),
        ({"command": "sh serve"}, "a list of words"),
        ({"command": ["sh"], "stream": True}, "['stream']"),
        ({"command": ["sh"], "streams": "yes"}, "true or false"),
        ({"family": "nobody"}, "no family is named 'nobody'"),
        (7, "a family's name or an object"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_with_the_file_and_the_uri(tmp_path, entry, words):
    source = tmp_path / "images.json"
    source.write_text(json.dumps({"scorer:*": entry}))
    with pytest.raises(UnknownImage) as refused:
        catalog.read(source).find("scorer:1")
    for word in (words, str(source), "scorer:1", "'scorer:*'"):
        assert word in str(refused.value)


def test_an_environment_that_is_not_a_virtual_one_serves_as_well(tmp_path):
    prefix = Path(sys.base_prefix)
    check_environment(prefix)
    own_python.make(prefix, tmp_path / "own")
    script = "import pip, sys; print(sys.prefix, sys.base_prefix)"
    said = subprocess.run(
        [tmp_path / "own" / "bin" / "python", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [str(tmp_path / "own"), str(prefix)]
