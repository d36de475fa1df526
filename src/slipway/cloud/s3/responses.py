"""The forms of S3's answers, and the documents in its requests."""

import io

from slipway.cloud.s3 import meta
from slipway.cloud.s3.body import content
from slipway.cloud.s3.checksums import Intake
from slipway.cloud.s3.index import Version
from slipway.cloud.s3.request import S3Request
from slipway.cloud.wire import Response

DOCUMENT = 4 << 20  # bytes of a request's XML
Headers = tuple[tuple[str, str], ...]


def xml(body: bytes, status: int = 200, headers: Headers = ()) -> Response:
    """Return an answer that is a document."""
    about = (("Content-Type", "application/xml"), ("Content-Length", str(len(body))))
    return Response(status, (*about, *headers), (body,))


def empty(status: int = 200, headers: Headers = ()) -> Response:
    """Return an answer without a body."""
    length = () if status == 204 else (("Content-Length", "0"),)
    return Response(status, (*length, *headers))


def written(stored: Version) -> Headers:
    """Return the headers with which a write is answered."""
    return (
        ("ETag", f'"{stored.etag}"'),
        *meta.checksum_headers(stored.meta),
        *meta.encryption_headers(stored.meta),
        *meta.version_header(stored),
    )


def read_xml(request: S3Request, *, checked: bool = True) -> bytes:
    """Return a request's document; EntityTooLarge, and BadDigest where a checksum is the document's."""
    body, document = content(request.http), io.BytesIO()
    intake = Intake(request.headers if checked else {})
    intake.fill(body, document, DOCUMENT)
    intake.verify(body.trailers)
    return document.getvalue()
