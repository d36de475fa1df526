"""Ask an endpoint."""

import json as json_
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.aws import client
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.load_payload import from_file
from slipway.cli.output import Json, emit, note, say

LINES = "application/jsonlines"
INLINE = 128_000  # bytes of an asynchronous request's own body


def invoke(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT")],
    text: Annotated[
        str | None,
        typer.Option(help='One text, sent as {"features": [TEXT]}; as it is with --content-type.'),
    ] = None,
    file: Annotated[
        str | None, typer.Option(help="A file, or with --async an s3:// URI.", metavar="FILE")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option(help="Of what is sent (default: by the file's name).")
    ] = None,
    accept: Annotated[str | None, typer.Option(help="The type of the answer.")] = None,
    target_variant: Annotated[str | None, typer.Option(help="The variant that answers.")] = None,
    target_model: Annotated[
        str | None, typer.Option(help="The model of a multi-model endpoint.")
    ] = None,
    inference_id: Annotated[
        str | None, typer.Option(help="An id, by which captured data is found again.")
    ] = None,
    asynchronous: Annotated[
        bool,
        typer.Option("--async", help="Ask an asynchronous endpoint: say where the answer will be."),
    ] = False,
    json: Json = False,
) -> int:
    """Send a text or a file to an endpoint and print the answer."""
    if (text is None) == (file is None):
        raise Refused("expected one of --text and --file")
    named = {
        "EndpointName": endpoint,
        "Accept": accept,
        "InferenceId": inference_id,
        "TargetVariant": target_variant,
        "TargetModel": target_model,
    }
    request = {name: value for name, value in named.items() if value is not None}
    api = client("sagemaker-runtime")
    if asynchronous:
        for name in ("TargetVariant", "TargetModel"):
            if name in request:
                raise Refused(f"an asynchronous request names no {name}")
        return ask_later(api, request | later(text, file, content_type), json)
    if file is not None and file.startswith("s3://"):
        raise Refused("--file: an s3:// URI is for --async; copy the object to a file")
    body, kind = payload(text, file, content_type)
    try:
        answer = api.invoke_endpoint(Body=body, ContentType=kind, **request)
    except api.exceptions.ModelError as error:
        return told(error, endpoint, json)
    return show(answer, json)


def payload(text: str | None, file: str | None, kind: str | None) -> tuple[bytes, str]:
    """Return what is sent, and its content type."""
    if text is None:
        (found,) = from_file(Path(file or ""), kind)
        return found.body, found.content_type
    if kind is not None:
        return text.encode(), kind
    return json_.dumps({"features": [text]}, ensure_ascii=False).encode() + b"\n", LINES


def later(text: str | None, file: str | None, kind: str | None) -> dict[str, Any]:
    """Return what is sent to an asynchronous endpoint."""
    if file is not None and file.startswith("s3://"):
        return {"InputLocation": file} | ({"ContentType": kind} if kind else {})
    body, kind = payload(text, file, kind)
    if len(body) > INLINE:
        raise Refused(
            f"an asynchronous request takes {INLINE} bytes, found {len(body)}; put the file into S3 and "
            "give its URI as --file"
        )
    return {"Body": body, "ContentType": kind}


def ask_later(api: Any, request: dict[str, Any], json: bool) -> int:
    """Send an asynchronous request and print where its answer will be."""
    answer = api.invoke_endpoint_async(**request)
    answer.pop("ResponseMetadata", None)
    if json:
        emit(answer)
    else:
        say(f"{answer['InferenceId']} will be answered in {answer['OutputLocation']}")
        if "FailureLocation" in answer:
            say(f"or, when it fails, in {answer['FailureLocation']}")
    return ExitCode.DONE


def show(answer: dict[str, Any], json: bool) -> int:
    """Print an answer as it came; with --json together with what is known of it."""
    body: bytes = answer["Body"].read()
    if json:
        found = {
            name: answer[name]
            for name in ("InvokedProductionVariant", "CustomAttributes")
            if name in answer
        }
        emit(
            found | {"ContentType": answer["ContentType"], "Body": body.decode("utf-8", "replace")}
        )
        return ExitCode.DONE
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    if sys.stdout.isatty() and not body.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    return ExitCode.DONE


def told(error: Any, endpoint: str, json: bool) -> int:
    """Say what the model said itself, and where its log is."""
    said = error.response
    message = said.get("OriginalMessage") or said["Error"].get("Message", "")
    if json:
        emit(
            {
                "Error": "ModelError",
                "OriginalStatusCode": said.get("OriginalStatusCode"),
                "OriginalMessage": message,
                "LogStreamArn": said.get("LogStreamArn"),
            }
        )
    note(f"slipway: the model answered {said.get('OriginalStatusCode')}: {message.strip()}")
    note(f"slipway: its log: `slipway logs {endpoint}`")
    return ExitCode.REFUSED
