"""What the web server of AWS's Flask images says itself."""

from front import Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(status: int, title: str, text: str) -> Reply:
    """Return an error as a page."""
    return Reply(
        status,
        f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
        f"<p>{text}</p>\n".encode(),
        HTML,
    )


def died() -> Reply:
    """Return what is said when a worker did not survive a request."""
    return page(502, "Bad Gateway", "The worker process ended while it handled the request.")


def late() -> Reply:
    """Return what is said when SAGEMAKER_MODEL_SERVER_TIMEOUT has passed."""
    return page(504, "Gateway Time-out", "The request took longer than the server's timeout.")


def failed() -> Reply:
    """Return what is said of an exception; its trace is in the log."""
    return page(
        500,
        "Internal Server Error",
        "The server encountered an internal error and was unable to complete your request. Either the "
        "server is overloaded or there is an error in the application.",
    )


def not_found() -> Reply:
    """Return what is said of a path that nothing serves."""
    return page(404, "Not Found", "The requested URL was not found on the server.")
