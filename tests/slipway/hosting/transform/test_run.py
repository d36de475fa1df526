"""A whole job against the obvious way: every file's answers in its order, and none of a file with a bad line."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from folder_store import FolderStore
from slipway.hosting.exchange import Reply
from slipway.hosting.transform.plan import plan
from slipway.hosting.transform.run import Run

lines = st.lists(st.sampled_from(["a", "bb", "slow", "", "bad"]), max_size=8)


class Model:
    """A model that makes letters large, some of them later, and knows no bad ones."""

    failure, ready = "", True

    def start(self):
        pass

    def wait(self, timeout=None):
        return "InService"

    def execution_parameters(self):
        return None

    def invoke(self, invocation, timeout):
        if b"slow" in invocation.body:
            time.sleep(0.002)
        status = 400 if b"bad" in invocation.body else 200
        return Reply(status, {}, invocation.body.upper(), "primary", 0.0)

    def stop(self, grace):
        pass


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a", "b/c", "d", "e"]), lines, min_size=1),
    st.sampled_from(["SingleRecord", "MultiRecord"]),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_a_job_does_what_one_loop_would(files, strategy, concurrent, instances):
    request = {
        "TransformJobName": "t",
        "BatchStrategy": strategy,
        "MaxConcurrentTransforms": concurrent,
        "ModelClientConfig": {"InvocationsMaxRetries": 0},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}},
            "SplitType": "Line",
        },
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
    }
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, content in files.items():
            path = folder / "s3" / "b" / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in content))
        run = Run(
            plan(request, lambda: ("", "")),
            [Model() for _ in range(instances)],
            [folder / "logs" / str(n) for n in range(instances)],
            folder / "work",
            FolderStore(folder / "s3"),
        )
        outcome = run.execute(lambda phase: None)
        out = folder / "s3" / "b" / "out"
        found = {
            path.relative_to(out).as_posix(): path.read_text()
            for path in out.rglob("*")
            if path.is_file()
        }
        assert not (folder / "work").exists()
    bad = {name for name, content in files.items() if "bad" in content}
    assert found == {
        f"{name}.out": "".join(f"{line}\n" for line in content).upper()
        for name, content in files.items()
        if name not in bad
    }
    assert outcome.status == ("Failed" if bad else "Completed")
    if bad:
        first = min(bad)
        number = files[first].index("bad") + 1 if strategy == "SingleRecord" else 1
        assert f"in/{first} line {number}" in outcome.failure
