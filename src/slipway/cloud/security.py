"""Whom the endpoint answers: programs on this machine, never a web page of somebody else. Pure."""

import re

from slipway.cloud.wire import Request

# A name that resolves to loopback by itself. Others may be made to (DNS rebinding), so they are refused.
HOST = re.compile(
    r"(?:(?:[a-z0-9._-]+\.)?localhost|127\.0\.0\.1|\[::1\])\.?(?::\d+)?", re.IGNORECASE
)


def refusal(request: Request) -> str:
    """Return why a request must not be answered; "" when it may."""
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    if not HOST.fullmatch(host):
        return f"expected localhost, *.localhost, 127.0.0.1 or [::1] in the Host header, found {host!r}"
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return f"requests from web pages of another origin ({origin}) are not answered"
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "requests from web pages of another origin are not answered"
    return ""
