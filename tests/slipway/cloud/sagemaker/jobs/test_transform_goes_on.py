"""The cloud ends while a transform job runs: the next one goes on with it, and asks nothing twice that is done."""

import time

import pytest

from transforms import Transforms


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_a_job_goes_on_by_itself_and_finished_files_are_not_asked_again(own_cloud, tmp_path, way):
    jobs = Transforms(own_cloud, tmp_path)
    jobs.put("goes", a_csv=b"first\n", b_csv=b"second\nonce\n", c_csv=b"third\n")
    jobs.start("goes", BatchStrategy="SingleRecord")
    end = time.monotonic() + 30
    while len(jobs.asked("goes")) < 3 or "a.csv.out" not in jobs.outputs("goes"):
        assert time.monotonic() < end
        time.sleep(0.02)
    jobs.sm.delete_model(ModelName="goes")
    getattr(own_cloud, way)()
    own_cloud.port = 0  # the old port's connections are not closed yet
    own_cloud.start()
    jobs.connect(own_cloud)
    found = jobs.ended("goes")
    assert found["TransformJobStatus"] == "Completed", found
    assert jobs.outputs("goes") == {
        "a.csv.out": b"FIRST\n",
        "b.csv.out": b"SECOND\nONCE\n",
        "c.csv.out": b"THIRD\n",
    }
    bodies = [each[0] for each in jobs.asked("goes")]
    assert [bodies.count(each) for each in ("first\n", "second\n", "once\n", "third\n")] == [
        1,
        2,
        2,
        1,
    ]
    left = own_cloud.home / "jobs" / "us-east-1" / "TransformJob" / "goes"
    assert {path.name for path in left.iterdir()} <= {"logs", "models"}
