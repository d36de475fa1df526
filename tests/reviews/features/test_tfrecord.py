"""Records are what TensorFlow would have written."""

import random

LENGTH = 24
TEXTS = [
    "It works.",
    "Great!",
    "",
    "a " * 200,
    "C'est déjà vu, naïve façade; 我喜欢 😀 [PAD] [SEP] <br /> don't",
    "supercalifragilisticexpialidocious " * 3,
]


def test_tensorflow_reads_the_records_back(image, tmp_path):
    # lengths around those at which the headers of the message grow by a byte
    draw = random.Random(1)
    ids = [
        [draw.choice((1, 127, 128, 16383, 16384, 30521)) for _ in range(draw.randint(1, LENGTH))]
        for _ in range(200)
    ] + [[1] * LENGTH, [30521] * LENGTH]
    labels = [draw.randint(0, 4) for _ in ids]
    found = image.call("records.write", tmp_path / "x.tfrecord", ids, labels, LENGTH)
    assert found == [
        {
            "input_ids": tokens + [0] * (LENGTH - len(tokens)),
            "input_mask": [1] * len(tokens) + [0] * (LENGTH - len(tokens)),
            "segment_ids": [0] * LENGTH,
            "label_ids": [label],
        }
        for tokens, label in zip(ids, labels, strict=True)
    ]


def test_tokens_are_those_of_the_tokenizers_own_truncation_and_padding(image, weights):
    file = weights / "tokenizer.json"
    ids, mask, lengths = image.call("records.ours", file, TEXTS, LENGTH)
    assert ids == image.call("records.tokenized", file, TEXTS, LENGTH)
    assert [sum(row) for row in mask] == [min(length, LENGTH) for length in lengths]
    assert lengths[:4] == [5, 4, 2, 202]
