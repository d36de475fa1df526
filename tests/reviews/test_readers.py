import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from reviews import readers
from reviews.quarantine import Quarantine, TooManyRejects
from reviews.readers import Batch, ReadError, read, read_all, review_files
from reviews.schema import NAMES, Review, explain, parse_line

GOOD = (
    "US\t12345678\tR0001\tB000000001\t123456789\tA title\tGift Card\t5\t0\t2\tN\tY\tNice\t"
    "It works.\t2015-08-31"
)
HEADER = "\t".join(NAMES)
REAL = Path(__file__).resolve().parents[2] / "../shared/data/reviews"


def changed(column: str, value: str) -> str:
    fields = GOOD.split("\t")
    fields[NAMES.index(column)] = value
    return "\t".join(fields)


def write(path: Path, *rows: str | bytes, header: str = HEADER, newline: bytes = b"\n") -> Path:
    lines = [line.encode() if isinstance(line, str) else line for line in (header, *rows)]
    content = newline.join(lines) + newline
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def one(batches: list[Batch]) -> Batch:
    (batch,) = batches
    return batch


def test_a_row_has_typed_values(tmp_path: Path) -> None:
    batch = one(list(read(write(tmp_path / "a.tsv.gz", GOOD))))
    (review,) = batch.reviews
    assert not batch.rejects
    assert (review.star_rating, review.total_votes) == (5, 2)
    assert (review.review_body, review.review_date) == ("It works.", "2015-08-31")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            changed("star_rating", "7"),
            "star_rating",
            "expected a whole number from 1 to 5, found '7'",
        ),
        (changed("star_rating", "five"), "star_rating", "from 1 to 5, found 'five'"),
        (changed("marketplace", ""), "marketplace", "one of US, UK, DE, JP, FR, found nothing"),
        (changed("marketplace", "XX"), "marketplace", "found 'XX'"),
        (changed("review_date", "2015-02-30"), "review_date", "a date, YYYY-MM-DD"),
        (changed("review_body", ""), "review_body", "found nothing"),
        (changed("review_body", "x" * 70000), "review_body", "found '70000 characters'"),
        (changed("helpful_votes", "-1"), "helpful_votes", "a whole number from 0"),
        (GOOD.rsplit("\t", 3)[0], "", "expected 15 columns, found 12"),
        (GOOD + "\textra", "", "expected 15 columns, found 16"),
        (changed("review_body", "caf\xe9").encode("latin-1"), "review_body", "expected UTF-8"),
        ("", "", "expected 15 columns, found 1"),
    ],
)
def test_a_reject_names_file_line_column_and_reason(
    tmp_path: Path, row: str | bytes, column: str, reason: str
) -> None:
    batch = one(list(read(write(tmp_path / "a.tsv", GOOD, row, GOOD))))
    (reject,) = batch.rejects
    assert len(batch.reviews) == 2
    assert (reject.file, reject.line, reject.column) == ("a.tsv", 3, column)
    assert reason in reject.reason


def test_a_well_formed_row_may_break_a_rule_but_not_its_type(tmp_path: Path) -> None:
    rows = [changed("star_rating", "7"), changed("marketplace", ""), changed("star_rating", "x")]
    batch = one(list(read(write(tmp_path / "a.tsv", *rows), valid=False)))
    assert [(r.star_rating, r.marketplace) for r in batch.reviews] == [(7, "US"), (5, None)]
    assert [r.line for r in batch.rejects] == [4]


def test_quotes_and_odd_line_separators_are_text(tmp_path: Path) -> None:
    body = 'a "quote\u2028 and \x0b \r in it'
    batch = one(list(read(write(tmp_path / "a.tsv", changed("review_body", body), GOOD))))
    assert [r.review_body for r in batch.reviews] == [body, "It works."]


def test_windows_line_ends_are_taken_off(tmp_path: Path) -> None:
    batch = one(list(read(write(tmp_path / "a.tsv", GOOD, GOOD, newline=b"\r\n"))))
    assert [r.review_date for r in batch.reviews] == ["2015-08-31"] * 2


def test_line_numbers_go_on_over_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "CHUNK", 500)
    rows = [changed("star_rating", "9") if i % 7 == 0 else GOOD for i in range(100)]
    batches = list(read(write(tmp_path / "a.tsv.gz", *rows)))
    assert len(batches) > 5
    assert [r.line for b in batches for r in b.rejects] == [i + 2 for i in range(0, 100, 7)]


def test_a_wrong_header_is_named(tmp_path: Path) -> None:
    header = HEADER.replace("star_rating", "stars")
    with pytest.raises(ReadError, match="column 8 is 'stars' where 'star_rating' was expected"):
        list(read(write(tmp_path / "a.tsv", GOOD, header=header)))


def test_half_a_gzip_file_is_an_error_not_half_the_rows(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv.gz", *[GOOD] * 1000)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ReadError, match="expected a whole gzip file"):
        list(read(file))


def test_parquet_gives_what_tsv_gives(tmp_path: Path) -> None:
    rows = [GOOD, changed("star_rating", "7"), changed("review_headline", "")]
    tsv = one(list(read(write(tmp_path / "a.tsv", *rows))))
    columns = dict(zip(NAMES, zip(*(row.split("\t") for row in rows), strict=True), strict=True))
    table = pa.table({name: list(values) for name, values in columns.items()})
    for name in ("star_rating", "helpful_votes", "total_votes"):
        table = table.set_column(NAMES.index(name), name, table[name].cast(pa.int32()))
    table = table.set_column(14, "review_date", table["review_date"].cast(pa.date32()))
    folder = tmp_path / "product_category=Gift%20Card"
    folder.mkdir()
    parquet.write_table(table.drop_columns(["product_category"]), folder / "a.parquet")
    batch = one(list(read(folder / "a.parquet")))
    assert batch.reviews == tsv.reviews
    assert [(r.line, r.column, r.reason) for r in batch.rejects] == [
        (2, r.column, r.reason) for r in tsv.rejects
    ]


def test_parquet_without_a_column_is_an_error(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"review_id": ["R1"]}), tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="missing marketplace, customer_id"):
        list(read(tmp_path / "a.parquet"))


def test_an_unknown_file_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.tsv", GOOD)
    (tmp_path / "_SUCCESS").touch()
    assert [f.name for f in review_files(tmp_path)] == ["a.tsv"]
    (tmp_path / "notes.csv").touch()
    with pytest.raises(ReadError, match=r"notes\.csv: expected files that end in"):
        review_files(tmp_path)


def test_rejects_are_written_down_and_too_many_fail(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", *[GOOD] * 8, changed("vine", "?"), changed("star_rating", "0"))
    with Quarantine(tmp_path / "q" / "rejects.jsonl", limit=0.2) as quarantine:
        assert sum(map(len, quarantine.accept(read_all([file])))) == 8
        assert quarantine.report()["reasons"] == {
            "vine: expected Y or N": 1,
            "star_rating: expected a whole number from 1 to 5": 1,
        }
    assert len((tmp_path / "q" / "rejects.jsonl").read_text().splitlines()) == 2
    with (
        Quarantine(tmp_path / "q" / "rejects.jsonl", limit=0.19) as quarantine,
        pytest.raises(TooManyRejects, match=r"2 of 10 rows \(20.00%\).*a\.tsv, line 10, vine"),
    ):
        list(quarantine.accept(read_all([file])))


def test_the_real_reviews_are_all_valid() -> None:
    if not REAL.is_dir():
        pytest.skip("the real reviews are not there")
    batches = list(read_all(review_files(REAL)))
    assert not [reject for batch in batches for reject in batch.rejects]
    assert len({review.review_id for batch in batches for review in batch.reviews}) == 5071


@given(st.sampled_from(NAMES), st.text(max_size=30), st.booleans())
def test_a_line_is_parsed_exactly_when_nothing_can_be_said_against_it(
    column: str, value: str, valid: bool
) -> None:
    line = changed(column, value)
    assert (parse_line(line, valid=valid) is None) == bool(explain(line.split("\t"), valid=valid))


@given(
    st.lists(
        st.text(
            st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]),
            min_size=1,
            max_size=20,
        )
    )
)
def test_every_row_comes_out_once(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[str]
) -> None:
    file = write(
        tmp_path_factory.mktemp("r") / "a.tsv", *(changed("review_body", b) for b in bodies)
    )
    reviews: list[Review] = [review for batch in read(file) for review in batch.reviews]
    assert [review.review_body for review in reviews] == bodies
