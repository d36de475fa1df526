"""A captured request as the line that SageMaker writes, and the key of its file. Pure.

The form is that of AWS's page on data capture; what is not said there is in docs/decisions.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slipway.hosting.exchange import Invocation, Reply

Config = Mapping[str, Any]  # a DataCaptureConfig

MODES = {"Input": {"INPUT"}, "Output": {"OUTPUT"}, "InputAndOutput": {"INPUT", "OUTPUT"}}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that a model answered."""

    time: float  # seconds since 1970
    invocation: Invocation
    reply: Reply
    inference_id: str  # "" where the caller sent none
    custom_attributes: str  # "" where the caller sent none

    @property
    def size(self) -> int:
        """The bytes of both bodies."""
        return len(self.invocation.body) + len(self.reply.body)


def line(exchange: Exchange, config: Config, event: str) -> bytes:
    """Return an exchange as one line of JSON, with the sides that the configuration asks for.

    `event` is its id, a UUID.
    """
    modes = {mode for each in config["CaptureOptions"] for mode in MODES[each["CaptureMode"]]}
    data: dict[str, Any] = {}
    if "INPUT" in modes:
        kind = header(exchange.invocation.headers, "content-type")
        data["endpointInput"] = side(kind, "INPUT", exchange.invocation.body, config)
    if "OUTPUT" in modes:
        kind = header(exchange.reply.headers, "content-type")
        data["endpointOutput"] = side(kind, "OUTPUT", exchange.reply.body, config)
    about: dict[str, Any] = {"eventId": event}
    if exchange.custom_attributes:
        about["customAttributes"] = [exchange.custom_attributes]
    if exchange.inference_id:
        about["inferenceId"] = exchange.inference_id
    about["inferenceTime"] = f"{moment(exchange.time):%Y-%m-%dT%H:%M:%SZ}"
    record = {"captureData": data, "eventMetadata": about, "eventVersion": "0"}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def side(kind: str | None, mode: str, body: bytes, config: Config) -> dict[str, Any]:
    """Return one side of an exchange; `data` is always a text."""
    encoding = encoding_of(kind, config)
    try:
        data = body.decode() if encoding != "BASE64" else base64.b64encode(body).decode()
    except UnicodeDecodeError:  # said to be text, and is none
        encoding, data = "BASE64", base64.b64encode(body).decode()
    return {"observedContentType": kind, "mode": mode, "data": data, "encoding": encoding}


def encoding_of(kind: str | None, config: Config) -> str:
    """Return CSV or JSON for the content types that the configuration lists so, else BASE64."""
    listed = config.get("CaptureContentTypeHeader", {})
    media = (kind or "").partition(";")[0].strip().lower()
    for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if any(media == each.lower() for each in listed.get(member, ())):
            return encoding
    return "BASE64"


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header by its name in lower case."""
    return next((value for key, value in headers.items() if key.lower() == name), None)


def folder(config: Config, endpoint: str, variant: str, time: float) -> str:
    """Return the URI of the folder of a variant's hour: `<dest>/<endpoint>/<variant>/yyyy/mm/dd/hh`."""
    base = config["DestinationS3Uri"].rstrip("/")
    return f"{base}/{endpoint}/{variant}/{moment(time):%Y/%m/%d/%H}"


def file_name(time: float, unique: str) -> str:
    """Return the name of a file whose first record is of that time: `MM-SS-mmm-<uuid>.jsonl`."""
    at = moment(time)
    return f"{at:%M-%S}-{at.microsecond // 1000:03d}-{unique}.jsonl"


def moment(time: float) -> datetime:
    """Return a time in UTC."""
    return datetime.fromtimestamp(time, UTC)
