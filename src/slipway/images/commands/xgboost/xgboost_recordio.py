"""SageMaker's RecordIO with protobuf: the framing, and the messages that its `Record` is made of.

The messages are those of AWS's "Common data formats": tensors of numbers under names, as `features`
and as `label`.
"""

import struct
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = 0xCED7230A
HEAD = struct.Struct("<II")  # the magic number, and the record's length
KINDS = {"float32_tensor": 2, "float64_tensor": 3, "int32_tensor": 7}
_T = descriptor_pb2.FieldDescriptorProto


def records(data: bytes) -> Iterator[Any]:
    """Yield the records of a body; ValueError when it is cut or something else."""
    position = 0
    while position < len(data):
        if len(data) < position + HEAD.size:
            raise ValueError("it ends in the middle of a record")
        magic, length = HEAD.unpack_from(data, position)
        position += HEAD.size
        if magic != MAGIC or len(data) < position + length:
            raise ValueError("it is no RecordIO, or ends in the middle of a record")
        yield Record.FromString(data[position : position + length])
        position += length + -length % 4


def framed(record: bytes) -> bytes:
    """Return a record in its frame, filled up to four bytes."""
    return HEAD.pack(MAGIC, len(record)) + record + b"\0" * (-len(record) % 4)


def values_of(record: Any) -> tuple[list[float], list[int] | None, int]:
    """Return a record's values, their columns (None: all, in turn), and how many columns it has."""
    value = record.features["values"]
    found = next((name for name in KINDS if value.HasField(name)), None)
    if found is None:
        raise ValueError('a record has no numbers named "values"')
    tensor = getattr(value, found)
    numbers = [float(each) for each in tensor.values]
    keys = list(tensor.keys) or None
    width = max([*tensor.shape, *(key + 1 for key in keys or ()), len(numbers) if not keys else 0])
    return numbers, keys, width


def _messages() -> Any:
    """Declare the messages, and return the class of `Record`."""
    file = descriptor_pb2.FileDescriptorProto(
        name="record.proto", package="aialgs.data", syntax="proto2"
    )

    def field(message: Any, name: str, number: int, kind: int, label: int, of: str = "") -> Any:
        made = message.field.add(name=name, number=number, type=kind, label=label)
        if of:
            made.type_name = f".aialgs.data.{of}"
        return made

    for name, kind in (
        ("Float32Tensor", _T.TYPE_FLOAT),
        ("Float64Tensor", _T.TYPE_DOUBLE),
        ("Int32Tensor", _T.TYPE_INT32),
    ):
        tensor = file.message_type.add(name=name)
        for member, number, of in (
            ("values", 1, kind),
            ("keys", 2, _T.TYPE_UINT64),
            ("shape", 3, _T.TYPE_UINT64),
        ):
            field(tensor, member, number, of, _T.LABEL_REPEATED).options.packed = True
    value = file.message_type.add(name="Value")
    value.oneof_decl.add(name="value")
    for name, number in KINDS.items():
        of = name.title().replace("_", "")
        member = field(value, name, number, _T.TYPE_MESSAGE, _T.LABEL_OPTIONAL, of)
        member.oneof_index = 0
    record = file.message_type.add(name="Record")
    for name, number in (("features", 1), ("label", 2)):
        entry = record.nested_type.add(name=f"{name.title()}Entry")
        entry.options.map_entry = True
        field(entry, "key", 1, _T.TYPE_STRING, _T.LABEL_OPTIONAL)
        field(entry, "value", 2, _T.TYPE_MESSAGE, _T.LABEL_OPTIONAL, "Value")
        of = f"Record.{name.title()}Entry"
        field(record, name, number, _T.TYPE_MESSAGE, _T.LABEL_REPEATED, of)
    for name, number in (("uid", 3), ("metadata", 4), ("configuration", 5)):
        field(record, name, number, _T.TYPE_STRING, _T.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("aialgs.data.Record"))


Record = _messages()
