"""A start that fails: at once where it can be known, with the reason in AWS's words."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hosting import BYO, LIMITS, OURS, container, tar_of
from slipway.hosting import server
from slipway.hosting.failure import not_started
from slipway.jobs.job import Image

PING = (
    "The {} container for production variant AllTraffic did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)
NEVER = Image("byo", Path(sys.prefix), entrypoint=("python3", "-c", "import time; time.sleep(99)"))


def reason(bed, *containers, **about):
    instance = bed.start(*containers, **about)
    try:
        assert instance.wait(30) == "Failed"
        assert not instance.ready and len(instance.failure) <= 1024
        return instance.failure
    finally:
        instance.stop(1)


def test_a_server_that_ends_three_times_has_failed(bed):
    said = reason(bed, container(FAIL="ünreadable"))
    assert said.startswith(PING.format("primary"))
    assert "'python3 " in said and "serve' ended 3 times, at last with exit code 1." in said
    assert said.endswith("\ncannot load the model: ünreadable")
    log = bed.log(f"i-{bed.count}").read_text()
    assert log.count("started in /opt/ml") == 3


def test_a_command_that_does_not_exist_is_named(bed):
    said = reason(bed, container(image=replace(BYO, entrypoint=("no-such-program",))))
    assert said.endswith("no-such-program: No such file or directory")


def test_a_server_that_never_answers_runs_out_of_time(bed):
    began = time.monotonic()
    said = reason(bed, container(image=NEVER), startup_timeout=0.5)
    assert (
        said == PING.format("primary") + " GET /ping was not answered with 200 within 0.5 seconds."
    )
    assert time.monotonic() - began < 15, "it need not end by itself"


def test_a_model_that_does_not_fit_the_memory_is_told_so(bed, monkeypatch):
    monkeypatch.setattr(server, "TRIES", 1)
    said = reason(bed, container(GREEDY="1"), limits=replace(LIMITS, memory=1 << 28))
    assert "It held more than 256 MiB of memory (SLIPWAY_JOB_MEMORY)." in said


def test_every_container_that_failed_is_named(bed):
    bad = [container(name, OURS, FAIL=name) for name in ("first", "second")]
    said = reason(bed, bad[0], container("good", OURS), bad[1])
    assert PING.format("first") in said and PING.format("second") in said
    assert "good" not in said
    assert "cannot load the model: first" in said and "cannot load the model: second" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tar_of({"weights": bytes(range(256)) * 999})[:-40], "ended before the end-of-stream"),
        (b"not an archive", "not a gzip file"),
        (tar_of({"../out": b"x"}), "'../out' is no safe path"),
        (tar_of({"/etc/out": b"x"}), "'/etc/out' is no safe path"),
        (tar_of({"a": b"x", "a/b": b"x"}), "is there twice, as a file and as a folder"),
        (tar_of({"a": b"x"}, a_link="a"), "'a_link' is a link"),
        (None, "Please ensure that there is an object located at the URL"),
    ],
    ids=["truncated", "text", "above", "absolute", "twice", "link", "gone"],
)
def test_artifacts_that_cannot_be_used_are_named_at_once(bed, content, said):
    uri = bed.put("bad/model.tar.gz", content) if content else "s3://bucket/gone.tar.gz"
    found = reason(bed, container(data=uri))
    assert f'"{uri}"' in found and said in found and 'container "primary"' in found
    assert not bed.log(f"i-{bed.count}").exists(), "nothing was started"


def test_a_missing_bucket_and_a_strange_uri_are_told(bed):
    assert "no bucket 'none'" in reason(bed, container(data="s3://none/model.tar.gz"))
    assert "expected s3://bucket/key" in reason(bed, container(data="https://x/model.tar.gz"))


def test_images_without_a_label_that_aws_asks_for_are_named(bed):
    said = reason(bed, container("one", OURS), container("two"))
    label = "com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true"
    assert said.startswith(
        f"Your Ecr Image byo:1 does not contain required {label} Docker label(s)."
    )
    said = reason(bed, replace(container(), models="s3://bucket/models/"))
    assert "capabilities.multi-models=true" in said and "--multi-model" in said


def test_the_reason_keeps_within_its_length():
    said = not_started("v", {"a": "", "b": ""}, {"a": ["x" * 400] * 9, "b": ["last words"]})
    assert len(said) <= 1024 and said.count("did not pass the ping health check") == 2
    assert said.count("x" * 400) == 1
