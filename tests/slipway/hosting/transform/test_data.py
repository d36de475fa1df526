"""Filters and joins, against AWS's examples and against Python's own readers."""

import csv
import io
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from slipway.hosting.transform import data, jsonpath, rows

texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=6)


def wanted(kind="text/csv", split="Line", stamp=None, **options):
    request = {
        "TransformInput": {"ContentType": kind, "SplitType": split},
        "TransformOutput": {"Accept": kind, "AssembleWith": split},
        "DataProcessing": options,
    }
    return data.read(request, stamp)


VALUE = {"a": [1, 2, 3, 4, 5], "b": {"c": "d", "e": None}, "f": [{"g": 1}, {"g": 2}]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", VALUE),
        ("$.a", VALUE["a"]),
        ("$['a']", VALUE["a"]),
        ("$.b.c", "d"),
        ("$.b['c','e']", {"c": "d", "e": None}),
        ("$.b.['c', 'x']", {"c": "d"}),
        ("$['b'][\"c\"]", "d"),
        ("$.b.*", ["d", None]),
        ("$.a[0]", 1),
        ("$.a[-1]", 5),
        ("$.a[0,-1]", [1, 5]),
        ("$.a[1:]", [2, 3, 4, 5]),
        ("$.a[:2]", [1, 2]),
        ("$.a[-2:]", [4, 5]),
        ("$.a[*]", VALUE["a"]),
        ("$.f[*].g", [1, 2]),
        ("$.f[0:].g", [1, 2]),
    ],
)
def test_paths_find_what_aws_names(path, found):
    assert jsonpath.read(path)(VALUE) == found


@pytest.mark.parametrize(
    "path", ["a", "$..a", "$.a[?(@.b)]", "$.", "$['a'", "$.a[1:2:3]", "$[", "$a b"]
)
def test_other_operators_are_refused_by_name(path):
    with pytest.raises(ValueError, match="JSONPath"):
        jsonpath.read(path)


@pytest.mark.parametrize(
    "path", ["$.x", "$.a.b", "$.a[5]", "$.a[-6]", "$.a[0,5]", "$.b[0]", "$.a['b','c']"]
)
def test_nothing_where_a_path_leads_is_an_error(path):
    with pytest.raises(jsonpath.NotFound, match="expected"):
        jsonpath.read(path)(VALUE)


@given(st.lists(texts, min_size=1, max_size=5), st.data())
def test_columns_are_chosen_as_a_reader_of_csv_would(row, draw):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(row)
    assume(written.getvalue().strip())  # a blank line is no row
    fields = rows.parse(written.getvalue()[:-1], "input")
    assert [next(csv.reader([field]), [""])[0] if field else "" for field in fields] == row
    index = draw.draw(st.integers(-len(row), len(row) - 1))
    chosen = wanted(InputFilter=f"$[{index},0]").select(written.getvalue().encode()).decode()
    assert next(csv.reader([chosen])) == [row[index], row[0]]


@given(st.dictionaries(st.sampled_from("abc"), st.integers() | texts), st.integers() | texts)
def test_a_joined_line_of_json_holds_the_input_and_the_answer(record, said):
    line, answer = json.dumps(record).encode() + b"\n", json.dumps(said).encode()
    found = wanted("application/jsonlines", JoinSource="Input").answer(line, answer)
    assert json.loads(found) == record | {"SageMakerOutput": said}


def test_columns_of_the_input_come_first_and_those_that_the_model_did_not_get_too():
    job = wanted(InputFilter="$[1:]", OutputFilter="$[0,-1]", JoinSource="Input")
    assert job.select(b'7,"a, b",2\n') == b'"a, b",2\n'
    assert job.answer(b'7,"a, b",2\n8,c,3\n', b"5,0.9\n4,0.8\n") == b"7,0.9\n8,0.8"


def test_what_is_no_object_is_joined_beside_the_answer():
    job = wanted("application/json", "None", JoinSource="Input")
    assert json.loads(job.answer(b"[1, 2]", b'{"p": 0.5}')) == {
        "SageMakerInput": [1, 2],
        "SageMakerOutput": {"p": 0.5},
    }


def test_the_id_and_the_time_of_an_inference_are_added():
    stamp = iter([("i-1", "now"), ("i-2", "now"), ("i-3", "now")]).__next__
    assert wanted(stamp=stamp).answer(b"", b"1\n2\n") == b"1,i-1,now\n2,i-2,now"
    found = json.loads(wanted("application/json", stamp=stamp).answer(b"", b'{"p": 1}'))
    assert found == {"p": 1, "SageMakerInferenceId": "i-3", "SageMakerInferenceTime": "now"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"1\n", "held 2 records, and the model answered with 1"),
        (
            b'1\n2"\n',
            'Failed to parse output from the algorithm as CSV: bare " in non quoted field',
        ),
        (b'1\n"2\n', 'extraneous or missing " in quoted field'),
        (b'1\n"2"x\n', 'extraneous or missing " in quoted field'),
        (b"1\n\xff\n", "utf-8"),
    ],
)
def test_an_answer_that_cannot_be_joined_says_why(answer, words):
    with pytest.raises(ValueError, match=words):
        wanted(JoinSource="Input").answer(b"a\nb\n", answer)


def test_what_cannot_be_done_is_refused():
    for words, call in {
        "need a ContentType of": lambda: wanted("application/x-npy", JoinSource="Input"),
        "only columns can be chosen": lambda: wanted(InputFilter="$.a"),
        "not the SplitType RecordIO": lambda: wanted(split="RecordIO", InputFilter="$[0]"),
    }.items():
        with pytest.raises(ValueError, match=words):
            call()
    assert wanted("application/x-npy", InputFilter="$", JoinSource="None") is None
