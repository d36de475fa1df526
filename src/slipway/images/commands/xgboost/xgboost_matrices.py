"""Requests as XGBoost's matrices: CSV, LIBSVM and RecordIO with protobuf."""

import csv

import numpy as np
import xgboost as xgb
import xgboost_recordio as recordio
from scipy.sparse import csr_matrix

CSV = "text/csv"
LIBSVM = ("text/libsvm", "text/x-libsvm")
RECORDIO = "application/x-recordio-protobuf"
SNIFFED = 512  # characters in which a delimiter is looked for


def content_type(header: str | None) -> str:
    """Return the content type of a header, CSV where it names none; ValueError for another one."""
    found = (header or CSV).lower().partition(";")[0].strip()
    if found not in (CSV, *LIBSVM, RECORDIO):
        raise ValueError(
            f"Content-type {header} not supported. Supported content-type is text/csv, text/libsvm, "
            "application/x-recordio-protobuf"
        )
    return found


def matrix(body: bytes, kind: str) -> xgb.DMatrix:
    """Return what a body holds, one row for each record; ValueError says what is wrong with it."""
    readers = {CSV: from_csv, RECORDIO: from_recordio, **dict.fromkeys(LIBSVM, from_libsvm)}
    names = {CSV: "csv", RECORDIO: "recordio-protobuf"}
    name = names.get(kind, "libsvm")
    try:
        return readers[kind](body)
    except Exception as error:
        raise ValueError(
            f"Loading {name} data failed with Exception, please ensure data is in {name} format:\n "
            f"{type(error)}\n {error}"
        ) from error


def from_csv(body: bytes) -> xgb.DMatrix:
    """Read rows of numbers; an empty field is a missing value, one row stays a row."""
    text = body.decode("utf-8").strip()
    rows = list(csv.reader(text.splitlines(), delimiter=delimiter(text)))
    return xgb.DMatrix(np.array([[number(field) for field in row] for row in rows]))


def number(field: str) -> float:
    """Return a field's value; what is missing is no number."""
    return float(field) if field.strip() else float("nan")


def delimiter(text: str) -> str:
    """Return the character between fields: a comma where it is not clear."""
    try:
        return csv.Sniffer().sniff(text.splitlines()[0][:SNIFFED], ",;\t |").delimiter
    except (csv.Error, IndexError):
        return ","


def from_libsvm(body: bytes) -> xgb.DMatrix:
    """Read `[label] column:value …` lines; columns that are not named are missing."""
    rows, columns, values = [], [], []
    lines = body.decode("utf-8").strip().splitlines()
    for row, line in enumerate(lines):
        for item in line.split():
            column, colon, value = item.partition(":")
            if colon:
                rows.append(row)
                columns.append(int(column))
                values.append(float(value))
    if not values:
        raise ValueError("there is no column:value in it")
    return xgb.DMatrix(csr_matrix((values, (rows, columns)), shape=(len(lines), max(columns) + 1)))


def from_recordio(body: bytes) -> xgb.DMatrix:
    """Read records of dense or sparse values."""
    features = [recordio.values_of(record) for record in recordio.records(body)]
    if not features:
        raise ValueError("there is no record in it")
    if all(keys is None for _, keys, _ in features):
        return xgb.DMatrix(np.array([values for values, _, _ in features]))
    width = max(size for _, _, size in features)
    rows = [row for row, (values, _, _) in enumerate(features) for _ in values]
    columns = [c for values, keys, _ in features for c in (keys or range(len(values)))]
    flat = [value for values, _, _ in features for value in values]
    return xgb.DMatrix(csr_matrix((flat, (rows, columns)), shape=(len(features), width)))
