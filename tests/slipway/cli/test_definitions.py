"""definition, plan: a pipeline before it runs. None of it needs a cloud where a file is given."""

import json

import pytest

DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "Limit", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Text", "Type": "String", "DefaultValue": "some"},
    ],
    "Steps": [
        {
            "Name": "Check",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "GreaterThan",
                        "LeftValue": {"Get": "Parameters.Limit"},
                        "RightValue": 2,
                    }
                ],
                "IfSteps": [],
                "ElseSteps": [
                    {
                        "Name": "TooLow",
                        "Type": "Fail",
                        "Arguments": {"ErrorMessage": {"Get": "Parameters.Text"}},
                    }
                ],
            },
        }
    ],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "check_limit.json"
    path.write_text(json.dumps(DEFINITION))
    return path


def test_the_definition_of_a_file_is_printed_as_it_is(shell, file):
    assert shell("definition", file, "--json").json == DEFINITION
    assert json.loads(shell("definition", file).out) == DEFINITION


def test_the_plan_has_steps_in_order_their_branches_and_the_parameters(shell, file):
    plan = shell("plan", file, "-p", "Limit=1", "-p", "Text=a=b", "--json").json
    assert plan["Parameters"] == {"Limit": 1, "Text": "a=b"}
    assert plan["Steps"] == [
        {"Name": "Check", "Type": "Condition", "After": [], "If": None, "Cache": False},
        {"Name": "TooLow", "Type": "Fail", "After": [], "If": "Check is false", "Cache": False},
    ]
    drawn = shell("plan", file)
    assert drawn.code == 0
    assert "Check is false" in drawn.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "Limt=1"], "Unknown parameter 'Limt'. Did you mean 'Limit'?"),
        (["-p", "Limit=one"], "Expected Integer but found 'one'"),
        (["-p", "Limit"], "-p: expected Name=Value, found 'Limit'"),
        (["-p", "Limit=1", "-p", "Limit=2"], "found Limit twice"),
    ],
)
def test_a_wrong_parameter_is_refused_in_one_line(shell, file, words, said):
    ended = shell("plan", file, *words)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_definition_that_sagemaker_would_refuse_is_refused(shell, file):
    file.write_text(file.read_text().replace("Parameters.Text", "Steps.Chek.Outcome"))
    ended = shell("plan", file)
    assert ended.code == 1
    assert "TooLow" in ended.err and "Did you mean 'Check'?" in ended.err


@pytest.mark.parametrize("name", ["missing.json", "folder/missing.py", "README.md"])
def test_a_file_that_is_not_there_or_no_pipeline_is_refused(shell, name):
    ended = shell("plan", name)
    assert ended.code == 1
    assert f"found '{name}'" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_text_that_is_no_json_is_refused(shell, file):
    file.write_text("{")
    ended = shell("definition", file)
    assert ended.code == 1
    assert str(file) in ended.err and "JSON" in ended.err


def test_a_python_pipeline_needs_a_role_and_a_bucket(shell, tmp_path):
    (tmp_path / "mine.py").write_text("")
    ended = shell("definition", tmp_path / "mine.py")
    assert ended.code == 1
    assert "--role and --bucket" in ended.err


def test_a_python_file_without_build_is_refused(shell, tmp_path):
    (tmp_path / "mine.py").write_text("buld = 1")
    ended = shell("plan", tmp_path / "mine.py", "--role", "r", "--bucket", "b")
    assert ended.code == 1
    assert "expected `def build(session, role, bucket)`" in ended.err


def test_an_error_in_a_users_pipeline_is_never_called_a_bug_of_ours(shell, tmp_path):
    (tmp_path / "mine.py").write_text("def build(session, role, bucket):\n    return 1 / 0\n")
    words = ("plan", tmp_path / "mine.py", "--role", "r", "--bucket", "b")
    shell.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    ended = shell(*words, "--verbose")
    assert ended.code == 1
    assert "return 1 / 0" in ended.err
    assert ended.err.splitlines()[-1] == (
        f"slipway: {tmp_path / 'mine.py'} raised ZeroDivisionError: division by zero; "
        "see where with --verbose"
    )


def test_lint_has_nothing_against_a_sound_definition(shell, file):
    ended = shell("lint", file)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{file}: no errors, no warnings\n"
    assert shell("lint", file, "--json").json == []


def test_lint_names_the_step_the_fault_and_the_fix(shell, file):
    file.write_text(file.read_text().replace("Parameters.Limit", "Parameters.Limt"))
    ended = shell("lint", file, "--json")
    assert ended.code == 1
    wrong = [finding for finding in ended.json if finding["severity"] == "error"]
    assert [finding["step"] for finding in wrong] == ["Check"]
    assert "Limt" in wrong[0]["message"]
    drawn = shell("lint", file)
    assert drawn.code == 1
    assert "Did you mean 'Limit'?" in drawn.out
    assert "1 error, 1 warning" in drawn.out  # the parameter that nothing uses now


def test_a_warning_alone_is_no_failure(shell, file):
    unused = {"Name": "Unused", "Type": "String", "DefaultValue": "x"}
    document = json.loads(file.read_text())
    document["Parameters"].append(unused)
    file.write_text(json.dumps(document))
    ended = shell("lint", file)
    assert ended.code == 0
    assert "Unused" in ended.out and "no errors, 1 warning" in ended.out
