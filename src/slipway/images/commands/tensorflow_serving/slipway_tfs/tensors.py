"""JSON to arrays and back, by the rules of TensorFlow Serving's REST API.

Rows: `instances` is a list of values, or of objects with a value per input; answered by `predictions`.
Columns: `inputs` is one value, or an object of values by input; answered by `outputs`. A binary value
is `{"b64": text}`, and so is an output whose name ends in `_bytes`.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np

from slipway_tfs.batching import Arrays
from slipway_tfs.failure import Refused

KINDS = {"f": "iuf", "i": "iu", "u": "iu", "b": "b", "c": "iufc"}  # of values, by kind of the input


def from_rows(instances: Any, specs: Mapping[str, Any]) -> Arrays:
    """Return an array per input from a list with an entry per row; Refused where it does not fit."""
    if not isinstance(instances, list) or not instances:
        raise Refused("'instances' must be a list of at least one value")
    if not _by_name(instances[0], specs):
        if len(specs) > 1:
            raise Refused(
                "instances is a plain list, but expecting list/array of objects, as the signature has "
                f"the inputs {_names(specs)}"
            )
        (name,) = specs
        return {name: to_array(instances, name, specs[name])}
    for row in instances:
        _check_names(row, specs)
    return {
        name: to_array([row[name] for row in instances], name, spec) for name, spec in specs.items()
    }


def from_columns(inputs: Any, specs: Mapping[str, Any]) -> Arrays:
    """Return an array per input from values by input; Refused where they do not fit."""
    if not _by_name(inputs, specs):
        if len(specs) > 1:
            raise Refused(f"inputs must be an object with the values of {_names(specs)}")
        (name,) = specs
        return {name: to_array(inputs, name, specs[name])}
    _check_names(inputs, specs)
    return {name: to_array(inputs[name], name, spec) for name, spec in specs.items()}


def to_rows(outputs: Arrays) -> list[Any]:
    """Return a value per row, or an object per row where there are several outputs."""
    sizes = {name: len(a) if a.ndim else 0 for name, a in outputs.items()}
    rows = next(iter(sizes.values()))
    for name, size in sizes.items():
        if size != rows or not outputs[name].ndim:
            raise Refused(
                f"Tensor name: {name} has inconsistent batch size: {size} expecting: {rows}; ask by "
                "'inputs' for outputs that have no rows"
            )
    values = {name: to_json(name, array) for name, array in outputs.items()}
    if len(values) == 1:
        return list(next(iter(values.values())))
    return [{name: each[row] for name, each in values.items()} for row in range(rows)]


def to_columns(outputs: Arrays) -> Any:
    """Return the value of the one output, or values by output."""
    values = {name: to_json(name, array) for name, array in outputs.items()}
    return next(iter(values.values())) if len(values) == 1 else values


def to_array(value: Any, name: str, spec: Any) -> Any:
    """Return a JSON value as an array of an input's type and shape; Refused where it is none."""
    dtype = spec.dtype.as_numpy_dtype
    try:
        if dtype is object:
            array = np.array(as_bytes(value, name), dtype=object)
        else:
            array = np.array(value)
            kind = np.dtype(dtype).kind
            if array.size and array.dtype.kind not in KINDS.get(kind, kind):
                raise Refused(f"{name}: expected values of type {spec.dtype.name}, found others")
            whole = array.astype(dtype)
            if kind in "iu" and not np.array_equal(whole, array):
                raise Refused(f"{name}: a value is out of the range of {spec.dtype.name}")
            array = whole
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(
            f"{name}: expected {spec.dtype.name} values in lists of equal length: {error}"
        ) from error
    if not spec.shape.is_compatible_with(array.shape):
        raise Refused(f"{name}: expected the shape {spec.shape}, found {array.shape}")
    return array


def to_json(name: str, array: Any) -> Any:
    """Return an output as nested lists."""
    if array.dtype.kind in "OS":
        return _as_text(array.tolist(), name.endswith("_bytes"))
    return array.tolist()


def _by_name(value: Any, specs: Mapping[str, Any]) -> bool:
    """Return whether a value is an object of values by input, not itself a binary value."""
    return isinstance(value, dict) and (set(value) != {"b64"} or "b64" in specs)


def _check_names(row: Any, specs: Mapping[str, Any]) -> None:
    if not isinstance(row, dict) or row.keys() != specs.keys():
        found = _names(row) if isinstance(row, dict) else "a value without names"
        raise Refused(f"expected an object with the inputs {_names(specs)}, found {found}")


def _names(values: Mapping[str, Any]) -> str:
    return ", ".join(sorted(values)) or "none"


def as_bytes(value: Any, name: str) -> Any:
    """Return texts and binary values as bytes; Refused where something else is among them."""
    if isinstance(value, list):
        return [as_bytes(each, name) for each in value]
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and value.keys() == {"b64"}:
        try:
            return base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise Refused(f"{name}: not base64: {error}") from error
    raise Refused(f'{name}: expected text or {{"b64": text}}, found {type(value).__name__}')


def _as_text(value: Any, binary: bool) -> Any:
    if isinstance(value, list):
        return [_as_text(each, binary) for each in value]
    if binary:
        return {"b64": base64.b64encode(value).decode()}
    return value.decode("utf-8", "replace")
