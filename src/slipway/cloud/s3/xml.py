"""S3's XML documents, from and to plain data."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from slipway.cloud.s3.errors import S3Error

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f￾￿]")


def document(root: str, members: Mapping[str, Any], *, namespace: bool = True) -> bytes:
    """Return a document. A list repeats its element; None is left out."""
    about = f' xmlns="{NAMESPACE}"' if namespace else ""
    body = "".join(element(name, value) for name, value in members.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{about}>{body}</{root}>'.encode()


def element(name: str, value: Any) -> str:
    """Return one element, or several for a list."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(k, v) for k, v in value.items())}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{CONTROL.sub(lambda c: f'&#x{ord(c[0]):x};', text)}</{name}>"


def parse(body: bytes, root: str) -> ElementTree.Element:
    """Return the root element, namespaces removed; MalformedXML for another root or bad XML."""
    try:
        found = ElementTree.fromstring(body)  # noqa: S314 (expat bounds the expansion of entities)
    except ElementTree.ParseError as error:
        raise S3Error("MalformedXML") from error
    for node in found.iter():
        node.tag = node.tag.rpartition("}")[2]
    if found.tag != root:
        raise S3Error("MalformedXML", f"expected <{root}>, found <{found.tag}>")
    return found
