"""Jobs in an image of the user's own: its program runs, where it was said, and is not changed."""

import json

import pytest

from slipway.images import catalog

PROGRAM = """
import json, os, sys
from pathlib import Path
def tried(path):
    try:
        Path(path).touch()
        return "changed"
    except OSError as error:
        return error.strerror
word, *more = sys.argv[1:] or ["nothing"]
told = {"said": [word, *more], "here": os.getcwd(), "program": tried(__file__)}
target = "model" if word == "train" else "processing/output"
Path("/opt/ml", target, "told.json").write_text(json.dumps(told))
"""


@pytest.fixture
def image(cloud, jobs, tmp_path):
    """The URI of an image whose program is in a folder."""
    (tmp_path / "program.py").write_text(PROGRAM)
    entry = {"command": ["python", "program.py"], "folder": str(tmp_path)}
    catalog.write(catalog.file_of(cloud.home), jobs.name, entry)
    return f"{jobs.name}:3"


def test_a_training_job_runs_it_with_train(jobs, image, tmp_path):
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}
    jobs.wait(jobs.train("", algorithm=algorithm))
    files = jobs.unpack(f"models/{jobs.name}/output/model.tar.gz")
    told = json.loads(files["told.json"])
    assert (told["said"], told["here"]) == (["train"], str(tmp_path))
    assert told["program"] == "Read-only file system"


def test_a_processing_job_without_an_entry_point_runs_it_alone(jobs, image):
    application = {"ImageUri": image, "ContainerArguments": ["--now"]}
    jobs.wait(jobs.process("", AppSpecification=application))
    assert json.loads(jobs.get("result/told.json"))["said"] == ["--now"]
