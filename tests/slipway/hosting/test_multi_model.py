"""A multi-model container: models come on first use, and go when there is no room."""

import threading
from dataclasses import replace

import pytest

from hosting import SEVERAL, container, say, tar_of
from slipway.hosting.exchange import Invocation, NotReady, Refused
from slipway.hosting.instance import Instance

HELLO = b"hello"


def several(**environment):
    return replace(container(image=SEVERAL, **environment), models="s3://bucket/models/")


def ask(instance: Instance, target: str, timeout: float = 20):
    return instance.invoke(Invocation(HELLO, {}, target_model=target), timeout)


@pytest.fixture(scope="module")
def models(bed):
    for name in ("a", "b", "c", "slow", "bad"):
        bed.put(f"models/{name}.tar.gz", tar_of({"says": name.encode()}))
    bed.put("models/half.tar.gz", tar_of({"says": b"x" * 1000})[:-12])
    with bed.serving(several(ROOM="2")) as made:
        yield made


def test_a_model_is_loaded_on_first_use_and_the_one_not_used_for_longest_makes_room(bed, models):
    first = ask(models, "a.tar.gz")
    assert first.body == b"a" and first.setup > 0
    waited = {"ModelLoadingWaitTime", "ModelDownloadingTime", "ModelLoadingTime"}
    assert set(first.metrics) == waited | {"ModelCacheHit", "LoadedModelCount"}
    again = ask(models, "a.tar.gz")
    assert (again.body, again.setup) == (b"a", 0)
    assert again.metrics == {"ModelCacheHit": 1, "LoadedModelCount": 1}
    assert ask(models, "b.tar.gz").metrics["LoadedModelCount"] == 2
    ask(models, "a.tar.gz")
    third = ask(models, "c.tar.gz")
    assert third.body == b"c" and third.metrics["ModelUnloadingTime"] > 0
    assert third.metrics["LoadedModelCount"] == 2
    assert ask(models, "a.tar.gz").metrics["ModelCacheHit"] == 1, "it was used after b"
    bed.put("models/b.tar.gz", tar_of({"says": b"new"}))
    assert ask(models, "b.tar.gz").body == b"b", "what is on disk is not read again"


def test_a_load_that_takes_long_goes_on_while_the_caller_is_sent_away(models):
    with pytest.raises(NotReady):
        ask(models, "slow.tar.gz", timeout=0.3)
    found = ask(models, "slow.tar.gz")
    assert found.body == b"slow" and found.setup < 1


def test_several_requests_for_a_model_load_it_once(bed):
    with bed.serving(several()) as instance:
        found = []
        work = [
            threading.Thread(target=lambda: found.append(ask(instance, "slow.tar.gz")))
            for _ in range(4)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert [reply.body for reply in found] == [b"slow"] * 4
        assert len([1 for reply in found if "ModelLoadingTime" in reply.metrics]) == 1


def test_models_that_do_not_fit_together_take_turns(bed, models):
    """On a server with room for two models, and a disk for three, six of them are asked at once."""
    for name in "defg":
        bed.put(f"models/{name}.tar.gz", tar_of({"says": name.encode(), "weights": bytes(10_000)}))
    for keeps in (True, False):
        about = replace(several(ROOM="2"), keeps_models=keeps)
        with bed.serving(about, disk=32_000) as instance:
            found = []

            def caller(number, instance=instance, found=found):
                for turn in range(15):
                    name = "defg"[(number + turn) % 4]
                    found.append(ask(instance, f"{name}.tar.gz").body == name.encode())

            work = [threading.Thread(target=caller, args=(number,)) for number in range(6)]
            for thread in work:
                thread.start()
            for thread in work:
                thread.join()
            assert found == [True] * 90


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            "none.tar.gz",
            r"^Failed to download model data \(bucket: bucket, key: models/none.tar.gz\)",
        ),
        (
            "half.tar.gz",
            r"archive from URL \"s3://bucket/models/half.tar.gz\".* valid tar.gz archive",
        ),
        ("../secret", "expected a path below s3://bucket/models/, found '../secret'"),
        ("/etc/passwd", "expected a path below"),
        ("", "missing a target model header"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(models, target, said):
    with pytest.raises(Refused, match=said):
        ask(models, target)


def test_a_model_that_the_container_cannot_load_is_answered_with_its_words(models):
    found = ask(models, "bad.tar.gz")
    assert (found.status, found.body) == (500, b"no such format")


def test_after_a_crash_models_are_loaded_again(bed):
    with bed.serving(replace(several(), keeps_models=False)) as instance:
        assert ask(instance, "a.tar.gz").metrics["ModelCacheHit"] == 0
        assert ask(instance, "a.tar.gz").metrics["ModelCacheHit"] == 0, "nothing is kept"
    with bed.serving(several()) as instance:
        assert ask(instance, "a.tar.gz").body == b"a"
        server = instance._servers[0]
        born = server.starts
        assert server.reach("POST", "/invocations", {}, b"exit", 5).startswith("An error occurred")
        while server.starts == born or not instance.ready:
            assert server.state == "InService"
        assert ask(instance, "a.tar.gz").metrics["ModelCacheHit"] == 0


def test_a_model_cannot_be_named_where_there_is_one(bed):
    with bed.serving() as instance:
        with pytest.raises(Refused, match="does not support target model header"):
            ask(instance, "a.tar.gz")
        assert say(instance, "x").status == 200
