"""What becomes of a request: in time or not, large or small, whole or in parts."""

import json
import threading

import pytest

from hosting import BYO, OURS, container, say
from slipway.hosting.exchange import Gone, Invocation, Refused, StreamBroken


@pytest.fixture(scope="module")
def instance(bed):
    with bed.serving(container(image=BYO if bed.sandbox.way == "namespace" else OURS)) as made:
        yield made


def test_an_answer_that_takes_too_long_is_told_and_the_server_goes_on(instance):
    late = say(instance, "sleep 0.6", timeout=0.2)
    assert (late.status, late.source) == (0, "primary")
    assert late.body.startswith(b"Your invocation timed out while waiting for a response from ")
    assert b"container primary. Review the latency metrics" in late.body
    assert say(instance, "x").body == b"echo"


def test_headers_that_are_too_long_are_refused(instance):
    assert say(instance, "head 3500").status == 200
    long = say(instance, "head 5000")
    assert long.status == 0
    assert b"the primary container has headers with length greater than 4096 bytes" in long.body
    assert say(instance, "x").status == 200


def test_large_bodies_go_both_ways(instance):
    assert len(say(instance, "large 20000000").body) == 20_000_000
    assert say(instance, "echo " + "x" * 20_000_000).status == 200


def test_many_requests_at_once_are_all_answered(instance):
    found = []

    def work():
        found.extend(say(instance, "x").status for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 320 and instance.outstanding == 0


def test_an_answer_in_parts_comes_as_it_is_made(instance):
    stream = instance.stream(Invocation(b"stream 5", {}), 10)
    assert stream.status == 200 and stream.source == "primary" and instance.outstanding == 1
    parts = list(stream.chunks)
    assert b"".join(parts) == b"".join(b"part %d" % n for n in range(5)) and len(parts) > 1
    assert instance.outstanding == 0
    whole = instance.stream(Invocation(b"status 503", {}), 10)
    assert (whole.status, b"".join(whole.chunks)) == (503, b"why")


def test_an_answer_that_ends_too_early_is_told(instance):
    stream = instance.stream(Invocation(b"broken", {}), 10)
    with pytest.raises(StreamBroken):
        list(stream.chunks)
    late = instance.stream(Invocation(b"stream 100", {}), 0.3)
    with pytest.raises(StreamBroken, match="too long"):
        list(late.chunks)
    left = instance.stream(Invocation(b"stream 100", {}), 10)
    next(left.chunks)
    left.chunks.close()
    assert instance.outstanding == 0
    nothing = instance.stream(Invocation(b"sleep 1", {}), 0.2)
    assert nothing.status == 0 and b"timed out" in b"".join(nothing.chunks)
    nothing.chunks.close()


def test_execution_parameters_are_what_the_server_says(instance):
    assert instance.execution_parameters() == {"MaxConcurrentTransforms": 3}


def test_use_of_the_machine_is_measured(instance):
    instance.usage()
    say(
        instance,
        "python import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass",
    )
    used = instance.usage()
    assert 10 < used.cpu < 500 and 0 < used.memory < 50 and 0 < used.disk <= 100


def test_a_model_of_several_containers_is_a_chain(bed):
    first = container("first", OURS, TAG="headers ", TYPE="application/x-first")
    with bed.serving(first, container("second", OURS)) as chain:
        assert (chain.server.containers[0].name, say(chain, "x").source) == ("first", "second")
        told = json.loads(say(chain, "x", Content_Type="text/csv", Accept="text/z").body)
        assert told["Content-Type"] == "application/x-first" and told["Accept"] == "text/z"
        assert say(chain, "accept", Accept="text/z").status == 418, "it is the last one's alone"
        bad = say(chain, "status 415")
        assert (bad.status, bad.body, bad.source) == (415, b"why", "first")
        large = say(chain, "large 6000000")
        assert (large.status, large.source) == (0, "first")
        assert large.body == (
            b"Received response from first with status code 200. However, the request payload from "
            b"first to second is 6000000 bytes, which has exceeded the maximum limit of 5 MB."
        )
        with pytest.raises(Refused, match="Mode Direct"):
            chain.invoke(Invocation(b"x", {}, target_container="second"))
        with pytest.raises(Refused, match="does not stream"):
            chain.stream(Invocation(b"x", {}), 5)
        assert bed.log(f"i-{bed.count}").with_suffix("").joinpath("second.log").exists()


def test_containers_are_called_by_name_in_direct_mode(bed):
    both = container("one", OURS, TAG="1 "), container("two", OURS, TAG="2 ")
    with bed.serving(*both, direct=True) as direct:
        found = direct.invoke(Invocation(b"x", {}, target_container="two"))
        assert (found.body, found.source) == (b"2 echo", "two")
        with pytest.raises(Refused, match=r"expected one of \['one', 'two'\], found 'three'"):
            direct.invoke(Invocation(b"x", {}, target_container="three"))
        with pytest.raises(Refused, match="TargetContainerHostname is required"):
            direct.invoke(Invocation(b"x", {}))
        parts = direct.stream(Invocation(b"x", {}, target_container="one"), 5)
        assert b"".join(parts.chunks) == b"1 echo"


def test_requests_in_work_end_before_the_server_does(bed):
    with bed.serving() as instance:
        found = []
        work = threading.Thread(target=lambda: found.append(say(instance, "sleep 0.5")))
        work.start()
        while not instance.outstanding:
            pass
        instance.stop()
        work.join()
        assert found[0].body == b"slept"
        with pytest.raises(Gone):
            instance.invoke(Invocation(b"x", {}))


def test_an_end_in_peace_can_be_cut_short(bed):
    with bed.serving() as instance:
        found = []

        def ask():
            with pytest.raises(Gone):
                instance.invoke(Invocation(b"sleep 30", {}), 40)
            found.append("another is to be asked")

        work = threading.Thread(target=ask)
        work.start()
        while not instance.outstanding:
            pass
        in_peace = threading.Thread(target=instance.stop)
        in_peace.start()
        in_peace.join(0.2)
        assert in_peace.is_alive()
        instance.stop(0)
        in_peace.join(10)
        work.join(10)
        assert not in_peace.is_alive() and found
