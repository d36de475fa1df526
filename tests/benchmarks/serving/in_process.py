"""The model called in this very process, with the deployed handlers' own tokens and predictions.

As a process: answers lines of stdin, {"texts", "batch"}, with {"latencies" (s, per call), "seconds"}.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf


class Model:
    """A SavedModel around which every peer is built."""

    def __init__(self, artifact):
        sys.path.append(f"{artifact}/code/lib")
        from reviews import tokenizer
        from reviews.serving.predictions import predict
        from reviews.spec import TOKENIZER, FeatureSpec
        from reviews.training.layout import SAVED_MODEL, lengths, signature

        folder = Path(artifact)
        self._spec, self._cut, self._to_line = FeatureSpec.load(folder), tokenizer.cut, predict
        self._tokens = tokenizer.load(folder / TOKENIZER, self._spec.max_seq_length)
        self._loaded = tf.saved_model.load(str(folder / SAVED_MODEL))
        self._calls = {
            length: self._loaded.signatures[signature(length)]
            for length in lengths(self._spec.max_seq_length)
        }

    def predict(self, texts):
        """Return the predictions of texts, padded as the handlers pad them."""
        encoded = self._tokens.encode_batch_fast(list(texts))
        found = [self._cut(each.ids, self._spec.max_seq_length) for each in encoded]
        most = max(map(len, found))
        longest = next(length for length in self._calls if length >= most)
        ids = np.array([each + [0] * (longest - len(each)) for each in found], np.int32)
        mask = np.array([[1] * len(each) + [0] * (longest - len(each)) for each in found], np.int32)
        found = self._calls[longest](input_ids=tf.constant(ids), input_mask=tf.constant(mask))
        rows = found["logits"].numpy().tolist()
        return [self._to_line(row, self._spec.star_ratings) for row in rows]


def main():
    """Answer until stdin ends."""
    model = Model(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        texts, size, latencies = asked["texts"], asked["batch"], []
        begun = time.perf_counter()
        for start in range(0, len(texts), size):
            at = time.perf_counter()
            model.predict(texts[start : start + size])
            latencies.append(time.perf_counter() - at)
        found = {"latencies": latencies, "seconds": time.perf_counter() - begun}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
