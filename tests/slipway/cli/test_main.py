"""How the command line helps, refuses and fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.cli.main import COMMANDS

SLIPWAY = Path(sys.executable).parent / "slipway"
NAMES = [command.__name__ for command in COMMANDS]


def test_help_names_every_command(shell):
    help = shell("--help")
    assert help.code == 0
    for name in NAMES:
        assert f"\n  {name} " in help.out


def test_no_words_at_all_are_a_question(shell):
    assert shell().out == shell("--help").out != ""


def test_wrong_words_name_the_help_of_their_command(shell):
    assert shell("show").err.endswith("Try `slipway show --help`.\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(shell, name):
    ended = shell(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: slipway {name} ")
    assert "--json" in ended.out


def test_a_summary_is_never_cut(shell):
    assert "..." not in shell("--help").out.partition("Commands:")[2]


def test_help_loads_nothing_heavy():
    script = (
        "import sys; sys.argv[1:] = ['--help']; from slipway.cli.main import main\n"
        "try: main()\n"
        "finally: print([m for m in ('boto3', 'botocore', 'rich', 'sagemaker', 'moto', 'cheroot',"
        " 'slipway.definition', 'slipway.cloud') if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stderr == "[]\n"


@pytest.mark.parametrize("words", [["bogus"], ["show"], ["show", "a", "b"], ["up", "--port", "x"]])
def test_wrong_words_are_the_users_error_in_one_line(shell, words):
    ended = shell(*words)
    assert (ended.code, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith("slipway: ")


def test_no_answer_is_explained(shell):
    shell.environ |= {
        "AWS_ENDPOINT_URL": "http://localhost:9",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_MAX_ATTEMPTS": "1",
    }
    ended = shell("executions")
    assert ended.code == 1
    assert ended.err.startswith("slipway: nothing answers at http://localhost:9")
    assert len(ended.err.splitlines()) == 1
    assert "slipway up" in ended.err


def test_no_credentials_are_explained(shell):
    shell.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    ended = shell("executions")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert "slipway env" in ended.err and "aws configure" in ended.err


def test_verbose_adds_the_trace_wherever_it_stands(cloud):
    for words in (["--verbose", "show", "nothing"], ["show", "nothing", "--verbose"]):
        ended = cloud(*words)
        assert ended.code == 1
        assert "Traceback" in ended.err
        assert ended.err.splitlines()[-1].startswith("slipway: expected an execution")


def test_a_bug_says_that_it_is_one(shell):
    script = (
        "from slipway.cli import local, main\n"
        "def broken(): raise KeyError('surprise')\n"
        "local.state_folder = broken\n"
        "import sys; sys.argv[1:] = ['status']; main.main()"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "Traceback" in ended.stderr
    assert "this is a bug in Slipway (KeyError: 'surprise')" in ended.stderr.splitlines()[-1]


def test_the_version_is_the_packages(shell):
    assert shell("--version").out.startswith("slipway 0.")


def test_a_shell_can_complete_the_commands(shell):
    shell.environ |= {"COMP_WORDS": "slipway st", "COMP_CWORD": "1"}
    shell.environ["_SLIPWAY_COMPLETE"] = "complete_bash"
    assert shell().out.split() == ["status", "stop"]
    del shell.environ["_SLIPWAY_COMPLETE"]
    script = '"$0" --show-completion; exit $?'  # which shell asks is seen from its process
    command = ["bash", "-c", script, str(SLIPWAY)]
    shown = subprocess.run(command, env=shell.environ, capture_output=True, text=True)
    assert "complete_bash" in shown.stdout, shown.stderr


def test_a_reader_that_has_gone_is_no_error(shell, tmp_path):
    path = tmp_path / "long.json"
    path.write_text(json.dumps({"Steps": ["x" * 100] * 200_000}))  # more than any pipe holds
    process = subprocess.Popen(
        [SLIPWAY, "definition", path],
        env=shell.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "{\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) in (0, 1)  # Python may or may not notice
