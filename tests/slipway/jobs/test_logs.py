from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.jobs.log_file import LogWriter, stamp
from slipway.jobs.log_reader import position_at, read, read_back

LINE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)


@given(st.lists(LINE, max_size=30), st.integers(1, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_was_written_is_read_forwards_and_backwards(tmp_path, lines, chunk):
    path = tmp_path / "algo-1.log"
    path.unlink(missing_ok=True)
    writer = LogWriter(path, limit=1 << 20)
    data = "".join(f"{line}\n" for line in lines).encode()
    for start in range(0, len(data), chunk):  # in pieces that cut lines and characters
        writer.feed(data[start : start + chunk])
    writer.close()
    found = list(read(path))
    assert [line.text for line in found] == lines
    assert list(read_back(path, path.stat().st_size)) == found[::-1]
    for line in found:
        assert next(read(path, line.start)) == line


def test_backwards_reading_crosses_blocks(tmp_path):
    path = tmp_path / "algo-1.log"
    writer = LogWriter(path, limit=1 << 30)
    writer.feed(b"".join(b"x" * (n * 9973 % 200_000) + b"\r|\n" for n in range(40)))
    writer.close()
    assert list(read_back(path, path.stat().st_size)) == list(read(path))[::-1]


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(-1, 51))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_time_is_found_where_its_first_line_begins(tmp_path, seconds, wanted):
    path = tmp_path / "algo-1.log"
    body = "y" * 5000  # so that the file is longer than a block
    path.write_text("".join(f"{stamp(1e9 + second)} {body}\n" for second in sorted(seconds)))
    found = [line for line in read(path) if line.time >= (1e9 + wanted) * 1000]
    expected = found[0].start if found else path.stat().st_size
    assert position_at(path, int((1e9 + wanted) * 1000)) == expected


def test_an_unfinished_line_is_kept_at_the_end_and_a_long_one_is_cut(tmp_path):
    path = tmp_path / "algo-1.log"
    writer = LogWriter(path, limit=1 << 30)
    assert writer.feed(b"50 %\rno newline") == []
    assert writer.close() == ["50 %\rno newline"]
    writer = LogWriter(path, limit=1 << 30)
    writer.feed(b"z" * 600_000 + b"\n")
    writer.close()
    assert [len(line.text) for line in read(path)] == [15, 262_144, 262_144, 75_712]


def test_beyond_the_limit_lines_are_counted_and_the_log_says_so(tmp_path):
    path = tmp_path / "algo-1.log"
    writer = LogWriter(path, limit=10_000)
    for _ in range(1000):
        writer.feed(b"flood " * 10 + b"\n")
    writer.close()
    assert path.stat().st_size < 10_200
    last = list(read(path))[-1].text
    kept = len(list(read(path))) - 1
    assert last == f"slipway: the log reached its limit; {1000 - kept} lines are not kept"


def test_a_full_disk_does_not_stop_the_job_that_writes(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    writer = LogWriter("/dev/full", limit=1 << 20)
    assert writer.feed(b"one\ntwo\n") == ["one", "two"]
    assert writer.dropped == 2
    writer.close()
