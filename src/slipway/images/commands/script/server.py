"""The server of a script image: it hands requests to workers, and ends when a model does not load."""

import os
import sys
from pathlib import Path

import front
import user_code
from front import Reply, Request
from models import Models
from workers import NotLoaded, Stack, Workers

PLAIN = {"Content-Type": "text/plain"}


def count(default: int) -> int:
    """Return how many workers a model has: SAGEMAKER_MODEL_SERVER_WORKERS, else the stack's default."""
    return max(1, int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or default))


def processors() -> int:
    """Return how many processors this server may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def timeout() -> float:
    """Return the seconds that a request may take; the newer variable goes first."""
    named = os.environ.get("SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS")
    return float(named or os.environ.get("SAGEMAKER_MODEL_SERVER_TIMEOUT") or 60)


def multi_model() -> bool:
    """Return whether the platform loads and unloads models."""
    return os.environ.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"


def flask(name: str, folder: Path) -> int:
    """Serve with the answers of AWS's Flask images; `name` is a class in the image's folder."""
    import flask_answers as answers

    stack = Stack(name, folders("flask", folder), answers.died, answers.late, timeout())
    return run(stack, count(processors()))


def toolkit(name: str, folder: Path) -> int:
    """Serve with the answers of AWS's toolkit images; `name` is a class in the image's folder."""
    import toolkit_answers as answers

    stack = Stack(name, folders("inference_toolkit", folder), answers.died, answers.late, timeout())
    return run(stack, count(1))


def folders(stack: str, image: Path) -> tuple[Path, ...]:
    """Return where a worker finds its modules."""
    here = image.parent
    return (here / "front", here / stack, here / "flask", image)


def run(stack: Stack, workers: int) -> int:
    """Serve one model, or as many as the platform loads, until SIGTERM; return the exit code."""
    try:
        user_code.prepare()
        if multi_model():
            models = Models(stack, workers)
            try:
                return front.serve(models.answer, front.port())
            finally:
                models.close()
        model = Workers(stack, str(user_code.BASE / "model"), workers)
    except (user_code.BadCode, NotLoaded, ValueError) as error:
        print(f"serve: the model cannot be served: {error}", file=sys.stderr, flush=True)
        return 1
    try:
        return front.serve(lambda request: route(model, request), front.port())
    finally:
        model.close()


def route(model: Workers, request: Request) -> Reply:
    """Answer /ping here and everything else that the contract has in a worker."""
    if request.path == "/ping" and request.method in ("GET", "HEAD"):
        return Reply(200 if model.ready else 503)
    allowed = {"/invocations": "POST", "/execution-parameters": "GET"}.get(request.path)
    if allowed is None:
        return Reply(404, b"Not Found", PLAIN)
    if request.method != allowed:
        return Reply(405, b"Method Not Allowed", PLAIN | {"Allow": allowed})
    return model.answer(request)
