"""What goes wrong in Slipway itself, in the form in which the caller's SDK reads errors."""

import errno
import sqlite3
from dataclasses import dataclass, replace
from xml.parsers.expat import ExpatError

from botocore.model import OperationNotFoundError

from slipway.cloud import json_protocol, query_protocol, rpc_protocol
from slipway.cloud.s3.xml import document
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Request, Response, TooLarge

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Fault:
    """An answer that no service gave."""

    status: int
    code: str
    message: str
    expected: bool = True  # the message says all; else the log has a trace


def explain(error: BaseException, home: object) -> Fault:
    """Return what an exception means for the caller."""
    found = getattr(error, "errno", None) if isinstance(error, OSError) else None
    text = str(error) if isinstance(error, sqlite3.Error) else ""
    if disk_full(error):
        return Fault(
            507,
            "InsufficientStorage",
            f"the disk that holds {home} is full; nothing was changed. Free some space and try again",
        )
    if found in READ_ONLY or "readonly database" in text:
        return Fault(
            507,
            "ReadOnlyStorage",
            f"the state folder {home} cannot be written; nothing was changed. Make it writable and "
            "try again",
        )
    if isinstance(error, TimeoutError):
        return Fault(400, "RequestTimeout", "the rest of the request did not come in time")
    if isinstance(error, ExpatError) or str(error) == "entities are disabled":  # xmltodict's words
        return Fault(400, "MalformedXML", f"the request's XML is not well-formed: {error}")
    if isinstance(error, OperationNotFoundError):
        return Fault(400, "UnknownOperationException", f"there is no operation {error}")
    if isinstance(error, rpc_protocol.NotGzip):
        return Fault(400, "SerializationException", str(error))
    if isinstance(error, TooLarge):
        return Fault(413, "RequestEntityTooLarge", str(error))
    if isinstance(error, NotImplementedError):
        return Fault(501, "NotImplemented", f"the local cloud does not have this: {error}")
    return Fault(500, "InternalFailure", "an error in Slipway; cloud.log has its trace", False)


def disk_full(error: BaseException) -> bool:
    """Tell whether an exception means that the disk is full."""
    if isinstance(error, OSError):
        return error.errno in DISK_FULL
    return isinstance(error, sqlite3.Error) and "disk is full" in str(error)


def response(fault: Fault, request: Request, service: str) -> Response:
    """Return the error document in the request's protocol: S3's, CBOR, a query service's, or JSON."""
    error = ServiceError(fault.code, fault.message, fault.status)
    if service == "s3":
        answer = s3_document(fault)
    elif rpc_protocol.is_rpc(request):
        answer = rpc_protocol.refuse(error)
    else:
        form = query_protocol.is_form(request) or "Action=" in request.query
        answer = query_protocol.refuse(error) if form else json_protocol.refuse(error)
    return replace(answer, body=()) if request.method == "HEAD" else answer


def s3_document(fault: Fault) -> Response:
    """Return S3's form of an error."""
    body = document("Error", {"Code": fault.code, "Message": fault.message}, namespace=False)
    headers = (("Content-Type", "application/xml"), ("Content-Length", str(len(body))))
    return Response(fault.status, headers, (body,))
