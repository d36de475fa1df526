"""The programs that images bring: what they make of a job's configuration, without running it."""

import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from slipway.images import environment
from slipway.images.family import COMMANDS


def load(path):
    """Import a program that has no suffix."""
    loader = importlib.machinery.SourceFileLoader(path.name.replace("-", "_"), str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def submit(tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return load(COMMANDS / "spark" / "smspark-submit")


@pytest.fixture
def train(tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return load(COMMANDS / "toolkit" / "train")


def test_the_programs_can_be_executed_and_need_only_the_standard_library():
    for path in (COMMANDS / "toolkit" / "train", COMMANDS / "spark" / "smspark-submit"):
        script = f"import runpy; runpy.run_path({str(path)!r}, run_name='x')"
        subprocess.run([sys.executable, "-I", "-S", "-B", "-c", script], check=True)
        assert shutil.which(path.name, path=str(path.parent))


def test_everything_after_the_application_is_the_applications(submit):
    options = submit.parse(
        ["--jars", "a.jar,b.jar", "--class", "Main", "-v", "app.py", "--jars", "mine", "-v"]
    )
    assert (options.jars, options.main_class, options.verbose) == ("a.jar,b.jar", "Main", True)
    assert (options.application, options.arguments) == ("app.py", ["--jars", "mine", "-v"])


def test_a_folder_stands_for_its_files(submit, tmp_path):
    (tmp_path / "jars").mkdir()
    for name in ("b.jar", "a.jar"):
        (tmp_path / "jars" / name).touch()
    found = submit.expand(f"{tmp_path / 'jars'},one.jar")
    assert found == [f"{tmp_path}/jars/a.jar", f"{tmp_path}/jars/b.jar", "one.jar"]
    assert submit.expand(None) == []


def test_the_emr_style_configuration_becomes_settings_and_variables(submit, tmp_path, capsys):
    path = tmp_path / "processing" / "input" / "conf" / "configuration.json"
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps(
            [
                {
                    "Classification": "spark-defaults",
                    "Properties": {"spark.driver.memory": "2g", "spark.master": "yarn"},
                },
                {"Classification": "core-site", "Properties": {"fs.x": "y"}},
                {
                    "Classification": "spark-env",
                    "Properties": {},
                    "Configurations": [{"Classification": "export", "Properties": {"A": "b"}}],
                },
                {"Classification": "yarn-site", "Properties": {"a": "b"}},
            ]
        )
    )
    settings, variables = submit.configuration()
    assert settings == {"spark.driver.memory": "2g", "spark.hadoop.fs.x": "y"}
    assert variables == {"A": "b"}
    assert "yarn-site has no meaning" in capsys.readouterr().out


def test_what_the_local_spark_cannot_read_is_refused(submit, capsys, monkeypatch):
    assert submit.main(["s3://bucket/app.py"]) == 2
    assert "s3://bucket/app.py: the local Spark reads files" in capsys.readouterr().err


def test_only_the_first_instance_runs_the_application(submit, tmp_path, capsys):
    (tmp_path / "config").mkdir()
    resources = {"hosts": ["algo-1", "algo-2"], "current_host": "algo-2"}
    (tmp_path / "config" / "resourceconfig.json").write_text(json.dumps(resources))
    assert submit.main(["app.py"]) == 0
    assert "runs on algo-1" in capsys.readouterr().out


def test_arguments_are_sorted_and_written_as_the_toolkit_writes_them(train):
    options = {"epochs": 3, "b": 0.5, "name": "bert", "layers": [1, 2], "freeze": True}
    assert train.to_arguments(options) == [
        *("-b", "0.5"),
        *("--epochs", "3"),
        *("--freeze", "true"),
        *("--layers", "[1, 2]"),
        *("--name", "bert"),
    ]


def test_the_variables_of_script_mode(train, tmp_path):
    resources = {
        "hosts": ["algo-1", "algo-2"],
        "current_host": "algo-2",
        "current_instance_type": "ml.m5.large",
        "network_interface_name": "lo",
    }
    channels = {"train": {"TrainingInputMode": "File"}, "weights": {}}
    options = {"learning-rate": 0.1}
    found = train.variables(options, channels, resources, "train.py", "s3://b/c", ["--x", "1"])
    assert found["SM_CHANNEL_TRAIN"] == f"{tmp_path}/input/data/train"
    assert found["SM_CHANNELS"] == '["train", "weights"]'
    assert found["SM_HP_LEARNING_RATE"] == "0.1"
    assert found["SM_HPS"] == '{"learning-rate": 0.1}'
    assert found["SM_MODULE_NAME"] == "train" and found["SM_MODULE_DIR"] == "s3://b/c"
    assert found["SM_CURRENT_HOST"] == "algo-2" and found["SM_USER_ARGS"] == '["--x", "1"]'
    told = json.loads(found["SM_TRAINING_ENV"])
    assert told["is_master"] is False and told["hyperparameters"] == options
    assert all(isinstance(value, str) for value in found.values())


def test_without_a_program_the_job_fails_with_what_script_mode_needs(train, tmp_path):
    (tmp_path / "output").mkdir()
    assert train.main() == 1
    assert "needs the hyperparameters sagemaker_program" in (
        (tmp_path / "output" / "failure").read_text()
    )


def test_every_family_has_a_locked_environment():
    from slipway.images.catalog import FAMILIES

    for family in FAMILIES.values():
        assert environment.lock(family.environment).is_file()
        assert all((COMMANDS / name).is_dir() for name in family.commands)
