"""Arrays from and to JSON, CSV and NPY."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from sagemaker_containers.beta.framework import content_types
from sagemaker_containers.beta.framework.errors import ClientError, UnsupportedFormatError


def decode(obj: Any, content_type: str) -> np.ndarray:
    """Return the array that a body holds; UnsupportedFormatError for another content type."""
    if content_type not in DECODERS:
        raise UnsupportedFormatError(content_type)
    return DECODERS[content_type](obj)


def encode(array_like: Any, content_type: str) -> Any:
    """Return the body that holds an array; UnsupportedFormatError for another content type."""
    if content_type not in ENCODERS:
        raise UnsupportedFormatError(content_type)
    return ENCODERS[content_type](array_like)


def array_to_npy(array_like: Any) -> bytes:
    """Write an array in NumPy's format."""
    buffer = io.BytesIO()
    np.save(buffer, array_like)
    return buffer.getvalue()


def npy_to_numpy(npy_array: bytes) -> np.ndarray:
    """Read an array in NumPy's format; with pickled objects, as on AWS."""
    return np.load(io.BytesIO(npy_array), allow_pickle=True)


def array_to_json(array_like: Any) -> str:
    """Write whatever is or has arrays as JSON."""

    def plain(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        raise TypeError(f"{type(value).__name__} has no JSON form")

    return json.dumps(array_like, default=plain)


def json_to_numpy(string_like: Any, dtype: Any = None) -> np.ndarray:
    """Read nested JSON lists."""
    return np.array(json.loads(string_like), dtype=dtype)


def array_to_csv(array_like: Any) -> str:
    """Write rows as CSV; a list of values becomes a column."""
    array = np.array(array_like)
    rows = array.reshape(-1, 1) if array.ndim == 1 else array
    stream = io.StringIO()
    try:
        csv.writer(stream, lineterminator="\n", strict=True).writerows(rows)
    except csv.Error as error:
        raise ClientError(f"Error while encoding csv: {error}") from error
    return stream.getvalue()


def csv_to_numpy(string_like: str, dtype: Any = None) -> np.ndarray:
    """Read CSV, as text unless a type is named; one row, or one column, has one dimension."""
    try:
        rows = list(csv.reader(io.StringIO(string_like), strict=True))
        array = np.array(rows).squeeze()
        return array if dtype is None else array.astype(dtype)
    except ValueError as error:
        raise ClientError(f"Error while writing numpy array: {error}. dtype is: {dtype}") from error
    except csv.Error as error:
        raise ClientError(f"Error while decoding csv: {error}") from error


ENCODERS: dict[str, Callable[[Any], Any]] = {
    content_types.NPY: array_to_npy,
    content_types.CSV: array_to_csv,
    content_types.JSON: array_to_json,
}
DECODERS: dict[str, Callable[[Any], np.ndarray]] = {
    content_types.NPY: npy_to_numpy,
    content_types.CSV: csv_to_numpy,
    content_types.JSON: json_to_numpy,
}
