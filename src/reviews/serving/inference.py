"""The handlers of the deployed model, for AWS's TensorFlow Serving container.

`input_handler` makes token ids of review texts, TensorFlow Serving makes logits of these, and
`output_handler` makes predictions of those. Needs `tokenizers` and the standard library.
"""

import json
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from reviews import tokenizer
from reviews.serving import predictions, records
from reviews.spec import TOKENIZER, FeatureSpec
from reviews.training.layout import lengths, signature

ARTIFACT = Path(__file__).resolve().parents[1]
SPEC = FeatureSpec.load(ARTIFACT)
TOKENS = tokenizer.load(ARTIFACT / TOKENIZER, SPEC.max_seq_length)
LENGTHS = lengths(SPEC.max_seq_length)

# What the two handlers of a request share: the container calls both in one thread or greenlet.
_records: ContextVar[list[records.Record]] = ContextVar("records")


class ServingFailed(Exception):
    """TensorFlow Serving did not answer with predictions."""


def input_handler(data: Any, context: Any) -> str:
    """Return the body for TensorFlow Serving; Unusable where the request as a whole is."""
    predictions.kind_of_answer(context.accept_header)  # refused before the work
    found = records.parse(data.read(), context.request_content_type)
    _records.set(found)
    return request([each for each in found if isinstance(each, str)])


def output_handler(response: Any, context: Any) -> tuple[str, str]:
    """Return the predictions and their content type; ServingFailed with what TensorFlow Serving said."""
    if response.status_code != 200:
        raise ServingFailed(f"TensorFlow Serving: {response.status_code} {response.text}")
    found = predictions.lines(_records.get(), response.json()["outputs"], SPEC.star_ratings)
    kind = predictions.kind_of_answer(context.accept_header)
    return predictions.write(found, kind), kind


def request(texts: list[str]) -> str:
    """Return the request for texts; where there are none, for one row whose answer nobody reads."""
    encoded = TOKENS.encode_batch_fast(texts)
    ids = [tokenizer.cut(each.ids, SPEC.max_seq_length) for each in encoded] or [[0]]
    longest = max(map(len, ids))
    length = next(each for each in LENGTHS if each >= longest)
    padded = [(each, [0] * (length - len(each))) for each in ids]
    inputs = {
        "input_ids": [each + rest for each, rest in padded],
        "input_mask": [[1] * len(each) + rest for each, rest in padded],
    }
    return json.dumps({"signature_name": signature(length), "inputs": inputs})
