"""Messages of AWS's event streams (application/vnd.amazon.eventstream): what botocore decodes. Pure.

A message: the lengths of all of it and of its headers, a CRC-32 of these two, the headers, the payload,
and a CRC-32 of all before. All numbers are unsigned, 32 bits, big-endian.
"""

import json
from collections.abc import Mapping
from struct import pack
from zlib import crc32

TEXT = 7  # the type of a header whose value is a string


def event(name: str, payload: bytes) -> bytes:
    """Return an event whose payload is raw bytes."""
    about = {":event-type": name, ":content-type": "application/octet-stream"}
    return message({**about, ":message-type": "event"}, payload)


def exception(name: str, members: Mapping[str, str]) -> bytes:
    """Return an exception that the service's model knows."""
    about = {":exception-type": name, ":content-type": "application/json"}
    return message({**about, ":message-type": "exception"}, json.dumps(members).encode())


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return one message."""
    head = b"".join(
        pack(">B", len(name)) + name.encode() + pack(">BH", TEXT, len(value)) + value.encode()
        for name, value in headers.items()
    )
    lengths = pack(">II", 16 + len(head) + len(payload), len(head))
    whole = lengths + pack(">I", crc32(lengths)) + head + payload
    return whole + pack(">I", crc32(whole))
