"""Lines in, lines out: what a request may hold, and what is answered in which place."""

import json
import math

import pytest

from reviews.serving import predictions, records
from reviews.serving.records import Bad, Unusable

STARS = (1, 2, 3, 4, 5)


def test_a_review_per_line_and_a_trailing_empty_line_is_none():
    body = b'{"features": ["good"]}\n{"features": ["\xc3\xbcbel, \\n zweite Zeile"]}\r\n\n'
    found = records.parse(body, "application/jsonlines")
    assert found == ["good", "übel, \n zweite Zeile", Bad("expected a review, found an empty line")]
    assert records.parse(b'{"features": ["good"]}\n', "application/json; charset=utf-8") == ["good"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "expected JSON: "),
        (b"[1]", 'expected {"features": ["text"]}'),
        (b'{"features": "text"}', 'expected {"features": ["text"]}'),
        (b'{"features": ["a", "b"]}', 'expected {"features": ["text"]}'),
        (b'{"features": [1]}', 'expected {"features": ["text"]}'),
        (b'{"features": [" "]}', "found an empty text"),
        (b"\xff", "expected UTF-8 text: invalid start byte at byte 0"),
        (b"", "found an empty line"),
    ],
)
def test_a_bad_line_has_its_reason_and_the_others_are_read(line, reason):
    body = b'{"features": ["a"]}\n' + line + b'\n{"features": ["b"]}\n'
    first, bad, last = records.parse(body, "application/jsonlines")
    assert (first, last) == ("a", "b")
    assert isinstance(bad, Bad) and reason in bad.reason


def test_a_csv_row_is_a_text_or_a_category_and_a_text():
    body = b'Gift Card,"good, ""very"" good"\njust text\na,b,c\n"open\n'
    category, alone, many, broken = records.parse(body, "text/csv")
    assert (category, alone) == ('good, "very" good', "just text")
    assert many == Bad("expected the columns product_category,review_body, found 3 columns")
    assert isinstance(broken, Bad) and "expected CSV" in broken.reason


@pytest.mark.parametrize(("body", "kind"), [(b"", "text/csv"), (b"x", "a/b")])
def test_a_body_without_a_line_or_of_another_kind_is_unusable(body, kind):
    with pytest.raises(Unusable, match="expected"):
        records.parse(body, kind)


def test_the_score_is_the_softmax_of_the_logits_once():
    logits = [0.1, 2.0, -1.0, 0.5, 1.9]
    found = predictions.predict(logits, STARS)
    assert found["predicted_label"] == 2
    assert found["score"] == pytest.approx(math.exp(2) / sum(map(math.exp, logits)), abs=1e-6)
    assert predictions.predict([1e4, -1e4, 0, 0, 0], STARS) == {"predicted_label": 1, "score": 1.0}


def test_answers_keep_the_places_of_their_lines():
    found = predictions.lines(["a", Bad("why"), "b"], [[9, 0, 0, 0, 0], [0, 0, 0, 0, 9]], STARS)
    lines = predictions.write(found, "application/jsonlines").splitlines()
    first, bad, last = map(json.loads, lines)
    assert (first["predicted_label"], bad, last["predicted_label"]) == (1, {"error": "why"}, 5)
    rows = predictions.write(found, "text/csv").splitlines()
    assert rows[0] == f"1,{first['score']}"
    assert rows[1] == ',"{""error"": ""why""}"'


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/jsonlines"),
        ("*/*", "application/jsonlines"),
        ("text/html, text/csv;q=0.9", "text/csv"),
    ],
)
def test_the_accepted_type_is_answered(accept, kind):
    assert predictions.kind_of_answer(accept) == kind


def test_a_type_that_we_cannot_write_is_unusable():
    with pytest.raises(Unusable, match=r"expected .* found 'text/html'"):
        predictions.kind_of_answer("text/html")
