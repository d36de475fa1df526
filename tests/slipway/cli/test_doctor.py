"""doctor: what this machine has and lacks."""


def test_a_machine_that_was_set_up_is_well(shell):
    ended = shell("doctor", "--json")
    assert ended.code == 0, ended.out
    subjects = [finding["subject"] for finding in ended.json]
    assert {"Python", "image tensorflow", "image spark", "sandbox", "Java", "memory"} <= set(
        subjects
    )
    assert shell("doctor").out.count("✓") == len(subjects)


def test_what_is_missing_is_named_with_its_fix(shell, tmp_path):
    shell.environ["SLIPWAY_CACHE"] = str(tmp_path / "empty")
    ended = shell("doctor")
    assert ended.code == 1
    assert "✗ image tensorflow   not installed" in ended.out
    assert "run `make setup`" in ended.out


def test_a_java_home_without_java_is_found(shell, tmp_path):
    shell.environ["JAVA_HOME"] = str(tmp_path)
    ended = shell("doctor")
    assert ended.code == 1
    assert f"✗ Java               JAVA_HOME={tmp_path} has no bin/java" in ended.out
