"""Where a pipeline comes from: the API, a definition in JSON, or Python that builds one with the SDK."""

import importlib
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from slipway.cli.aws import client
from slipway.cli.errors import Refused
from slipway.cli.executions import token
from slipway.cli.output import note
from slipway.cli.references import pipelines

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}")  # of a pipeline, as CreatePipeline says


def put(api: Any, text: str, role: str | None, bucket: str | None) -> str:
    """Make sure that the API knows the pipeline that `text` means; return its name."""
    path = file_of(text)
    if path is None:
        known = pipelines(api)
        if text not in known:
            raise Refused(unknown(text, known))
        return text
    name, definition = from_file(path, role, bucket)
    upsert(api, name, definition, role)
    return name


def definition_of(text: str, role: str | None, bucket: str | None) -> str:
    """Return the definition of the pipeline that `text` means; a JSON file needs no API."""
    path = file_of(text)
    if path is not None:
        return from_file(path, role, bucket)[1]
    api = client("sagemaker")
    known = pipelines(api)
    if text not in known:
        raise Refused(unknown(text, known))
    definition: str = api.describe_pipeline(PipelineName=text)["PipelineDefinition"]
    return definition


def from_file(path: Path, role: str | None, bucket: str | None) -> tuple[str, str]:
    """Return (name, definition) of a file."""
    return read(path) if path.suffix == ".json" else build(path, role, bucket)


def file_of(text: str) -> Path | None:
    """Return the file that `text` means, or None where it is a pipeline's name.

    A name has neither dots, slashes nor underscores, so nothing is ambiguous.
    """
    if NAME.fullmatch(text):
        return None
    path = Path(text)
    for candidate in (path, Path("pipelines") / f"{text}.py"):
        if candidate.is_file() and candidate.suffix in {".json", ".py"}:
            return candidate
    raise Refused(
        f"expected a pipeline's name, or a file that ends in .json or .py, found {text!r}, which is "
        f"neither; looked for {path.absolute()}"
    )


def unknown(name: str, known: list[str]) -> str:
    """Say that the API has no such pipeline, and what might have been meant."""
    from difflib import get_close_matches

    module = Path("pipelines") / f"{name.replace('-', '_')}.py"
    if module.is_file():
        return f"expected a pipeline that is already there, {name} is not; `slipway run {module}` puts it there"
    close = get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(known) or 'none at all'}"
    return f"expected a pipeline's name, found {name!r}; {hint}"


def read(path: Path) -> tuple[str, str]:
    """Return (name, definition) of a JSON file; the pipeline is named after the file."""
    name = re.sub(r"[^a-zA-Z0-9]+", "-", path.stem).strip("-")
    if not NAME.fullmatch(name):
        raise Refused(f"{path}: expected a file name that can name a pipeline, found {name!r}")
    text = path.read_text()
    try:
        json.loads(text)
    except ValueError as error:
        raise Refused(f"{path}: expected a pipeline definition in JSON, found {error}") from error
    return name, text


def build(path: Path, role: str | None, bucket: str | None) -> tuple[str, str]:
    """Return (name, definition) of the pipeline that a Python file builds with the SageMaker SDK."""
    if not role or not bucket:
        raise Refused(
            f"{path}: expected --role and --bucket (or SLIPWAY_ROLE and SLIPWAY_BUCKET) for the "
            "uploads of a Python pipeline, found none"
        )
    note(f"building {path} with the SageMaker SDK")
    try:
        with quiet():
            module = load(path)
        if not hasattr(module, "build"):
            raise Refused(
                f"{path}: expected `def build(session, role, bucket)`, found no such function"
            )
        from sagemaker.core.workflow.pipeline_context import PipelineSession

        with quiet():
            pipeline = module.build(PipelineSession(default_bucket=bucket), role, bucket)
            return pipeline.name, pipeline.definition()
    except Refused:
        raise
    except Exception as error:
        raise Refused(
            f"{path} raised {type(error).__name__}: {error}; see where with --verbose"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what the SDK says while it builds a definition from the terminal; its errors get through."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(logging.NOTSET)


def load(path: Path) -> ModuleType:
    """Import a Python file; its neighbors and its package are importable as from its own folder."""
    root = path.resolve().parent
    while (root / "__init__.py").exists():
        root = root.parent
    sys.path.insert(0, str(root))
    name = ".".join(path.resolve().relative_to(root).with_suffix("").parts)
    return importlib.import_module(name)


def upsert(api: Any, name: str, definition: str, role: str | None) -> None:
    """Create the pipeline, or update the one of that name."""
    request = {"PipelineName": name, "PipelineDefinition": definition}
    if role:
        request["RoleArn"] = role
    if name in pipelines(api):
        api.update_pipeline(**request)
        note(f"updated {name}")
    elif role:
        api.create_pipeline(**request, ClientRequestToken=token())
        note(f"created {name}")
    else:
        raise Refused(f"expected --role (or SLIPWAY_ROLE) to create {name}, found none")
