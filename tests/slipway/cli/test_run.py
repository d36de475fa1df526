"""run, executions, show, stop, retry: pipelines whose steps run nothing, on a real cloud."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

SLIPWAY = Path(sys.executable).parent / "slipway"
ROLE = "arn:aws:iam::123456789012:role/cli"


def definition(limit):
    """Return a pipeline that fails unless its parameter Number is below the limit."""
    number = {"Get": "Parameters.Number"}
    text = {"Std:Join": {"On": " ", "Values": ["too high:", number]}}
    condition = {"Type": "LessThan", "LeftValue": number, "RightValue": limit}
    return {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Number", "Type": "Integer", "DefaultValue": 1}],
        "Steps": [
            {
                "Name": "Compare",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [condition],
                    "IfSteps": [],
                    "ElseSteps": [
                        {"Name": "Refuse", "Type": "Fail", "Arguments": {"ErrorMessage": text}}
                    ],
                },
            }
        ],
    }


@pytest.fixture(scope="module")
def pipeline(slipway, tmp_path_factory):
    """The name of a pipeline that was put there by running its file once."""
    path = tmp_path_factory.mktemp("pipelines") / "below_ten.json"
    path.write_text(json.dumps(definition(10)))
    ended = slipway("run", path, "--role", ROLE, "--wait")
    assert ended.code == 0, ended.err
    assert "created below-ten" in ended.err
    return "below-ten"


def test_a_run_that_is_followed_ends_with_its_steps(slipway, pipeline):
    ended = slipway("run", pipeline, "-p", "Number=9", "--wait")
    assert ended.code == 0, ended.err
    assert re.search(r"Compare +Succeeded .* outcome True", ended.out)
    assert re.search(rf"{pipeline}/\w{{12}}  Succeeded in", ended.out)
    assert "Compare  succeeded" in ended.err  # progress, apart from the result


def test_a_failed_run_is_exit_code_1_with_the_reason(slipway, pipeline):
    ended = slipway("run", pipeline, "-p", "Number=12", "--wait")
    assert ended.code == 1
    assert "Refuse: too high: 12" in ended.out
    assert "slipway retry" not in ended.out  # an end by a Fail step is final
    assert "Traceback" not in ended.err


def test_a_run_as_json_is_one_document(slipway, pipeline):
    ended = slipway("run", pipeline, "-p", "Number=12", "--wait", "--json")
    assert ended.code == 1
    assert ended.json["PipelineExecutionStatus"] == "Failed"
    assert ended.json["Parameters"] == [{"Name": "Number", "Value": "12"}]
    assert [step["StepName"] for step in ended.json["Steps"]] == ["Compare", "Refuse"]


def test_without_wait_it_says_how_to_follow(slipway, pipeline):
    ended = slipway("run", pipeline)
    assert ended.code == 0
    id = re.search(rf"started {pipeline}/(\w+)", ended.err)[1]
    assert f"slipway show {id}" in ended.out


def test_an_execution_is_found_by_every_name_it_has(slipway, pipeline):
    started = slipway("run", pipeline, "--wait", "--json").json
    arn = started["PipelineExecutionArn"]
    id = arn.rsplit("/", 1)[-1]
    for name in (arn, id, f"{pipeline}/{id}", pipeline):
        shown = slipway("show", name, "--json")
        assert shown.code == 0, shown.err
        assert shown.json["PipelineExecutionArn"] == arn
    drawn = slipway("show", id).out
    assert "Number = 1" in drawn and "Compare" in drawn


def test_executions_come_newest_first(slipway, pipeline):
    newest = slipway("run", pipeline, "--wait", "--json").json["PipelineExecutionArn"]
    listed = slipway("executions", pipeline, "--json").json
    assert listed[0]["PipelineExecutionArn"] == newest
    assert len(listed) > 1
    times = [one["StartTime"] for one in listed]
    assert times == sorted(times, reverse=True)
    assert len(slipway("executions", "--limit", "1", "--json").json) == 1
    assert newest.rsplit("/", 1)[-1] in slipway("executions").out


def test_a_file_is_updated_where_it_is_already_known(slipway, pipeline, tmp_path):
    path = tmp_path / f"{pipeline}.json"
    path.write_text(json.dumps(definition(5)))
    ended = slipway("run", path, "-p", "Number=7", "--wait")
    assert ended.code == 1
    assert f"updated {pipeline}" in ended.err
    assert slipway("definition", pipeline, "--json").json == definition(5)
    path.write_text(json.dumps(definition(10)))
    assert slipway("run", path, "--wait").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "below-tn"], "found 'below-tn'; did you mean below-ten?"),
        (["run", "below-ten", "-p", "Nmber=1"], "Did you mean 'Number'?"),
        (["run", "below-ten", "-p", "Number=one"], "Expected Integer but found 'one'"),
        (["run", "below-ten", "-p", "Number=x", "--parallel", "0"], "--parallel"),
        (["show", "below-ten/nothinghere1"], "execution 'nothinghere1' of below-ten, found none"),
        (["show", "nothinghere1"], "found 'nothinghere1'; found below-ten"),
        (["show", "arn:aws:s3:::bucket"], "expected the ARN of a pipeline execution"),
        (["logs", "below-ten/Trian"], "found 'Trian'; its steps are Compare, Refuse"),
        (["executions", "below-tn"], "below-tn"),
        (["models", "no-such-group"], "no-such-group"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(slipway, pipeline, words, said):
    ended = slipway(*words)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_new_pipeline_wants_a_role(slipway, tmp_path):
    path = tmp_path / "new-one.json"
    path.write_text(json.dumps(definition(1)))
    ended = slipway("run", path)
    assert ended.code == 1
    assert "expected --role (or SLIPWAY_ROLE) to create new-one" in ended.err


def test_a_definition_that_is_refused_says_why_in_one_line(slipway, tmp_path):
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(definition(1)).replace("Parameters.Number", "Parameters.Nmber"))
    ended = slipway("run", path, "--role", ROLE)
    assert ended.code == 1
    assert ended.err.startswith("slipway: CreatePipeline was refused: ValidationException: ")
    assert "Nmber" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_what_has_ended_cannot_be_stopped(slipway, pipeline):
    ended = slipway("stop", pipeline)
    assert ended.code == 1
    assert ended.err.startswith("slipway: StopPipelineExecution was refused: ")


def test_on_a_terminal_the_steps_are_a_table_that_is_drawn_again(cloud, pipeline):
    master, slave = pty.openpty()
    ended = subprocess.run(
        [SLIPWAY, "run", pipeline, "--wait"],
        env=cloud.environ | {"TERM": "xterm", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
        timeout=60,
    )
    os.close(slave)
    drawn = read_all(master)
    assert ended.returncode == 0, drawn
    assert "Compare" in drawn and "Refuse" in drawn and "waiting" in drawn
    assert "\x1b[2K" in drawn  # it cleans up after itself


def read_all(terminal):
    """Return what was written to a terminal whose other end is closed."""
    found = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody is there any more
            chunk = b""
        if not chunk:
            os.close(terminal)
            return found.decode()
        found += chunk


def test_a_parameter_may_be_empty(slipway, tmp_path):
    text = {"Name": "Text", "Type": "String", "DefaultValue": "some"}
    fail = {"Name": "Say", "Type": "Fail", "Arguments": {"ErrorMessage": "no text is fine"}}
    path = tmp_path / "empty-text.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Parameters": [text], "Steps": [fail]}))
    ended = slipway("run", path, "--role", ROLE, "-p", "Text=", "--wait", "--json")
    assert ended.json["Parameters"] == [{"Name": "Text", "Value": ""}]
