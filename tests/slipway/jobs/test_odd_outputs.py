"""What a job may leave in place of ordinary files: nothing hangs, nothing of the machine goes out."""

import pytest

from slipway.jobs.job import Upload

OUT = "/opt/ml/processing/output"


@pytest.mark.parametrize("leave", ["os.mkfifo(path)", "os.symlink('/etc/passwd', path)"])
def test_a_reason_that_is_no_file_of_the_jobs_is_not_read(bench, leave):
    script = (
        f"import os; path = '/opt/ml/output/failure'; {leave}; print('my end'); raise SystemExit(3)"
    )
    running = bench.start(bench.run(script))
    assert running.outcome().failure == "AlgorithmError: my end, exit code: 3"


def test_an_output_folder_that_became_a_link_sends_nothing_of_the_machines(bench):
    script = f"import os; os.rmdir('{OUT}'); os.symlink('/etc', '{OUT}')"
    outcome = bench.outcome(script, uploads=(Upload(OUT, "s3://bucket/out"),))
    assert outcome.failure == (
        f"ClientError: Artifact upload failed: {OUT} is now a link that leads out of the job's own "
        "files"
    )
    assert bench.store.texts("bucket") == {}


@pytest.mark.parametrize(
    "script, said",
    [
        ("open(b'bad\\xff', 'w')", "is no UTF-8, so no object can have this name"),
        ("os.symlink('.', 'loop')", "loop is a link to ., which is no file of an output"),
        ("[(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(30)]", "File name too long"),
        (f"os.rmdir('{OUT}'); open('{OUT}', 'w')", "Not a directory"),
    ],
)
def test_what_cannot_be_uploaded_is_the_jobs_error_and_named(bench, script, said):
    uploads = (Upload(OUT, "s3://bucket/out"),)
    outcome = bench.outcome(f"import os; os.chdir('{OUT}'); {script}", uploads=uploads)
    assert outcome.failure.startswith("ClientError: Artifact upload failed: ")
    assert outcome.failure.endswith(said)
    assert len(outcome.failure) <= 1024
    assert not (bench.path / "job" / "algo-1").exists()


def test_links_and_pipes_that_harm_nobody_do_not_stop_an_upload(bench):
    script = f"""
import os
os.chdir("{OUT}")
open("a", "w").write("a"); os.mkfifo("pipe"); os.symlink("a", "b"); os.mkdir("empty")
"""
    outcome = bench.outcome(script, uploads=(Upload(OUT, "s3://bucket/out"),))
    assert outcome.status == "Completed"
    assert bench.store.texts("bucket") == {"out/a": "a", "out/b": "a"}
