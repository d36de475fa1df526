"""DataProcessing: what the model gets of a record, and what is written of it and of the answer. Pure.

Source: AWS's page on associating predictions with input (chapter 7 of serving-semantics).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.hosting.transform import jsonpath, rows
from slipway.hosting.transform.jsonpath import Path

OUTPUT, INPUT = "SageMakerOutput", "SageMakerInput"
ID, TIME = "SageMakerInferenceId", "SageMakerInferenceTime"
FORMATS = {"text/csv": "csv", "application/json": "json", "application/jsonlines": "json"}

JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Stamp = Callable[[], tuple[str, str]]  # an inference's id and time


@dataclass(frozen=True)
class Processing:
    """What is done to the records of a job and to its answers."""

    form: str  # "csv" or "json"
    by_line: bool  # a body holds a record per line; else it is one record
    input: Path
    output: Path
    join: bool = False
    stamp: Stamp | None = None  # of GenerateInferenceId

    @property
    def selects(self) -> bool:
        """Whether the model gets less than the file holds."""
        return not self.input.everything

    @property
    def rewrites(self) -> bool:
        """Whether something else is written than the model's answer."""
        return self.join or self.stamp is not None or not self.output.everything

    def select(self, source: bytes) -> bytes:
        """Return what the model gets of records; ValueError where the path finds nothing."""
        text = source.decode()
        units = text.split("\n") if self.by_line else [text]
        return encoded(
            self.write(self.input(self.parse(unit, "input"))) if unit.strip() else unit
            for unit in units
        )

    def answer(self, source: bytes, answered: bytes) -> bytes:
        """Return what is written for a request's records and the model's answer.

        Blank lines count on neither side. ValueError where an answer is not of its form, where
        there are not as many answers as records, or where the path finds nothing.
        """
        outputs = [self.parse(unit, "output from the algorithm") for unit in self.units(answered)]
        if self.join:
            inputs = [self.parse(unit, "input") for unit in self.units(source)]
            if len(inputs) != len(outputs):
                raise ValueError(
                    f"Failed to join: the request held {len(inputs)} records, and the model "
                    f"answered with {len(outputs)}"
                )
            outputs = [self.joined(*pair) for pair in zip(inputs, outputs, strict=True)]
        return encoded(self.write(self.stamped(self.output(each))) for each in outputs)

    def units(self, body: bytes) -> list[str]:
        """Return the records of a body."""
        text = body.decode()
        return [line for line in text.split("\n") if line.strip()] if self.by_line else [text]

    def parse(self, text: str, whose: str) -> Any:
        """Return a record as an array of fields, or as the JSON that it is."""
        if self.form == "csv":
            return rows.parse(text.rstrip("\r\n"), whose)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"Failed to parse {whose} as JSON: {error}") from error

    def joined(self, given: Any, said: Any) -> Any:
        """Return a record with the model's answer."""
        if self.form == "csv":
            return given + said
        if isinstance(given, dict):
            return given | {OUTPUT: said}
        return {INPUT: given, OUTPUT: said}

    def stamped(self, record: Any) -> Any:
        """Return what is written of a record, with the inference's id and time where they are wanted."""
        if self.stamp is None:
            return record
        unique, time = self.stamp()
        if self.form == "csv":
            return [*(record if isinstance(record, list) else [record]), unique, time]
        held = record if isinstance(record, dict) else {OUTPUT: record}
        return held | {ID: unique, TIME: time}

    def write(self, record: Any) -> str:
        """Return a record as text."""
        if self.form == "csv":
            return rows.write(record)
        return JSON(record)


def read(request: Mapping[str, Any], stamp: Stamp | None = None) -> Processing | None:
    """Return what a CreateTransformJob request wants done to its data, None where nothing.

    ValueError says what of it cannot be done.
    """
    wanted = request.get("DataProcessing", {})
    given, said = (jsonpath.read(wanted.get(name, "$")) for name in ("InputFilter", "OutputFilter"))
    join = wanted.get("JoinSource", "None") == "Input"
    if given.everything and said.everything and not join and stamp is None:
        return None
    data, result = request["TransformInput"], request["TransformOutput"]
    kind = media(data.get("ContentType", ""))
    if kind not in FORMATS:
        raise ValueError(
            f"filters, joins and inference ids need a ContentType of {', '.join(FORMATS)}, found "
            f"{data.get('ContentType', '')!r}"
        )
    if result.get("Accept") and media(result["Accept"]) != kind:
        raise ValueError(
            f"filters, joins and inference ids need an Accept that is the ContentType, {kind!r}; "
            f"found {result['Accept']!r}"
        )
    split, assemble = data.get("SplitType", "None"), result.get("AssembleWith", "None")
    if join and split != assemble:
        raise ValueError(
            f"JoinSource needs an AssembleWith that is the SplitType, found {assemble} and {split}"
        )
    if split in ("RecordIO", "TFRecord"):
        raise ValueError(f"filters, joins and inference ids need lines, not the SplitType {split}")
    form = FORMATS[kind]
    for name, path in (("InputFilter", given), ("OutputFilter", said)):
        if form == "csv" and not path.of_columns:
            raise ValueError(
                f"{name}: of CSV only columns can be chosen, by index; found {path.text!r}"
            )
    by_line = kind != "application/json" or split == "Line"
    return Processing(form, by_line, given, said, join, stamp)


def encoded(texts: Iterable[str]) -> bytes:
    """Return texts as lines; half of a surrogate pair stays the escape that JSON has for it."""
    return "\n".join(texts).encode(errors="backslashreplace")


def media(kind: str) -> str:
    """Return a content type without its parameters."""
    return kind.partition(";")[0].strip().lower()
