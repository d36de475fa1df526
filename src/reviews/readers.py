"""Read reviews from TSV(.gz) and Parquet files, batch by batch, in memory that does not grow with rows.

TSV is read as the data was written: no quoting (`csv.QUOTE_NONE`), "\\n" ends a row, nothing else does.
"""

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote
from zlib import error as ZlibError

from reviews.schema import NAMES, Reject, Review, explain, parse_fields, parse_line

CHUNK = 4 << 20  # bytes of text per batch
ROWS = 8192  # of a Parquet file per batch
SUFFIXES = (".tsv", ".tsv.gz", ".parquet")


class ReadError(Exception):
    """A whole file, not a row of it, cannot be read."""


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one file: the good ones, and the refused ones."""

    file: str
    reviews: list[Review]
    rejects: list[Reject]


def review_files(folder: Path) -> list[Path]:
    """Return the review files below a folder (or the one file named), in the order of their names.

    Files whose name begins with "_" or "." are markers of the tools that wrote them and are passed
    over. ReadError where there is no review file, or one of another kind.
    """
    if folder.is_file():
        return [folder]
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(("_", "."))
    ]
    expected = f"expected files that end in {', '.join(SUFFIXES)}"
    if strange := [path for path in found if not path.name.endswith(SUFFIXES)]:
        raise ReadError(f"{strange[0]}: {expected}; move other files out of {folder}")
    if not found:
        raise ReadError(f"{folder}: {expected}, found none")
    return found


def read_all(files: Iterable[Path], *, valid: bool = True) -> Iterator[Batch]:
    """Yield the rows of many files."""
    for file in files:
        yield from read(file, valid=valid)


def read(file: Path, *, valid: bool = True) -> Iterator[Batch]:
    """Yield the rows of one file, held to the rules (`valid`) or only to be well-formed."""
    if file.name.endswith(".parquet"):
        return read_parquet(file, valid=valid)
    return read_tsv(file, valid=valid)


def read_tsv(file: Path, *, valid: bool = True) -> Iterator[Batch]:
    """Yield the rows of a TSV file, gzipped if its name ends in .gz; ReadError for a bad file."""
    with file.open("rb") as raw:
        unpacked = gzip.GzipFile(fileobj=raw) if file.name.endswith(".gz") else raw
        with io.BufferedReader(cast(io.RawIOBase, unpacked), CHUNK) as stream:
            try:
                ending = check_header(file, stream.readline())
                number = 2
                while chunk := stream.read(CHUNK):
                    chunk += stream.readline()
                    lines = chunk.removesuffix(b"\n").split(b"\n")
                    yield parse_lines(file.name, number, chunk, lines, ending, valid=valid)
                    number += len(lines)
            except (EOFError, gzip.BadGzipFile, ZlibError) as error:
                raise ReadError(f"{file}: expected a whole gzip file, found: {error}") from error


def check_header(file: Path, line: bytes) -> str:
    """Return what ends each row before its "\\n" ("" or "\\r"); ReadError for any other header."""
    text = line.removesuffix(b"\n").removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    ending = "\r" if text.endswith("\r") else ""
    found = text.removesuffix("\r").split("\t")
    if found != list(NAMES):
        different = next(
            (f"column {i} is {b!r} where {a!r} was expected")
            for i, (a, b) in enumerate(zip((*NAMES, ""), (*found, ""), strict=False), 1)
            if a != b
        )
        raise ReadError(f"{file}: expected the header of the {len(NAMES)} columns; {different}")
    return ending


def parse_lines(
    file: str, number: int, chunk: bytes, lines: list[bytes], ending: str, *, valid: bool
) -> Batch:
    """Parse the lines of one chunk; the first of them has that number in its file."""
    reviews: list[Review] = []
    rejects: list[Reject] = []
    texts = decode(chunk, lines)
    for offset, text in enumerate(texts):
        if text is None:
            shown = lines[offset].decode(errors="backslashreplace")
            column = column_of_bad_bytes(lines[offset])
            reason = "expected UTF-8 text, found other bytes"
            rejects.append(Reject(file, number + offset, column, reason, shown))
            continue
        if ending:
            text = text.removesuffix(ending)
        review = parse_line(text, valid=valid)
        if review is not None:
            reviews.append(review)
        else:
            column, reason = explain(text.split("\t"), valid=valid) or ("", "not understood")
            rejects.append(Reject(file, number + offset, column, reason, text))
    return Batch(file, reviews, rejects)


def decode(chunk: bytes, lines: list[bytes]) -> Iterable[str | None]:
    """Return the text of each line, None for one that is not UTF-8; at once where all are."""
    try:
        return chunk.removesuffix(b"\n").decode().split("\n")
    except UnicodeDecodeError:
        return map(decode_line, lines)


def decode_line(line: bytes) -> str | None:
    """Return the text of a line, None if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def column_of_bad_bytes(line: bytes) -> str:
    """Return the column that holds the first bytes that are not UTF-8, "" if the row is too wide."""
    fields = line.split(b"\t")
    position = next(i for i, field in enumerate(fields) if decode_line(field) is None)
    return NAMES[position] if len(fields) == len(NAMES) else ""


def partition_values(file: Path) -> dict[str, str]:
    """Return the values of the `name=value` folders that a file lies in."""
    pairs = (part.split("=", 1) for part in file.parent.parts if "=" in part)
    return {name: unquote(value) for name, value in pairs}


def read_parquet(file: Path, *, valid: bool = True) -> Iterator[Batch]:
    """Yield the rows of a Parquet file; a column may be a `name=value` folder instead, as Hive has it.

    ReadError where a column is in neither; columns beyond the 15 (such as `year`) are passed over.
    """
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import ParquetFile

    try:
        content = ParquetFile(file)
    except ArrowInvalid as error:
        raise ReadError(f"{file}: expected a Parquet file, found: {error}") from error
    folders = partition_values(file)
    here = [name for name in NAMES if name in content.schema_arrow.names]
    if missing := [name for name in NAMES if name not in here and name not in folders]:
        raise ReadError(f"{file}: expected the {len(NAMES)} columns, missing {', '.join(missing)}")
    number = 1
    for rows in content.iter_batches(batch_size=ROWS, columns=here):
        values = {name: [folders[name]] * len(rows) for name in NAMES if name in folders}
        for name in here:
            values[name] = ["" if v is None else str(v) for v in rows.column(name).to_pylist()]
        reviews, rejects = [], []
        for offset, fields in enumerate(zip(*(values[name] for name in NAMES), strict=True)):
            review = parse_fields(fields, valid=valid)
            if review is not None:
                reviews.append(review)
            else:
                column, reason = explain(fields, valid=valid) or ("", "not understood")
                text = "\t".join(fields)
                rejects.append(Reject(file.name, number + offset, column, reason, text))
        yield Batch(file.name, reviews, rejects)
        number += len(rows)
