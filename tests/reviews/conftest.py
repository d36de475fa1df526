"""The TensorFlow image with what our source bundle adds to it, small weights, reviews to train on."""

import json
import shutil
import struct

import numpy as np
import pytest

from reviews.schema import NAMES
from tensorflow_image import ASSETS, ROOT, Image

REAL = ROOT / "../shared/data/reviews"


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    found = Image(tmp_path_factory.mktemp("image"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def weights():
    """The real pre-trained encoder that set-up fetched."""
    return ASSETS / "weights"


@pytest.fixture(scope="session")
def real_reviews():
    if not REAL.is_dir():
        pytest.skip("../shared/data/reviews is not there")
    return REAL


BERT = {
    "embeddings.word_embeddings.weight": ("vocab", "hidden"),
    "embeddings.position_embeddings.weight": ("positions", "hidden"),
    "embeddings.token_type_embeddings.weight": ("types", "hidden"),
    "embeddings.LayerNorm.weight": ("hidden",),
    "embeddings.LayerNorm.bias": ("hidden",),
    "pooler.dense.weight": ("hidden", "hidden"),
    "pooler.dense.bias": ("hidden",),
}
BERT_LAYERS = {
    "attention.self.query": ("hidden", "hidden"),
    "attention.self.key": ("hidden", "hidden"),
    "attention.self.value": ("hidden", "hidden"),
    "attention.output.dense": ("hidden", "hidden"),
    "attention.output.LayerNorm": ("hidden",),
    "intermediate.dense": ("inner", "hidden"),
    "output.dense": ("hidden", "inner"),
    "output.LayerNorm": ("hidden",),
}
DISTILBERT_LAYERS = {
    "attention.q_lin": ("hidden", "hidden"),
    "attention.k_lin": ("hidden", "hidden"),
    "attention.v_lin": ("hidden", "hidden"),
    "attention.out_lin": ("hidden", "hidden"),
    "sa_layer_norm": ("hidden",),
    "ffn.lin1": ("inner", "hidden"),
    "ffn.lin2": ("hidden", "inner"),
    "output_layer_norm": ("hidden",),
}
SIZES = {"vocab": 30522, "hidden": 8, "positions": 64, "types": 2, "inner": 16}


def save(folder, config, shapes, tokenizer):
    """Write a Hugging Face folder with seeded random weights."""
    folder.mkdir()
    random = np.random.default_rng(0)
    header, parts, start = {}, [], 0
    for name, sizes in shapes.items():
        shape = [SIZES[size] for size in sizes]
        data = random.normal(0, 0.3, shape).astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, start + len(data)]}
        parts.append(data)
        start += len(data)
    text = json.dumps({**header, "__metadata__": {"format": "pt"}}).encode()
    content = struct.pack("<Q", len(text)) + text + b"".join(parts)
    (folder / "model.safetensors").write_bytes(content)
    (folder / "config.json").write_text(json.dumps(config))
    for file in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"):
        shutil.copy(tokenizer / file, folder)
    return folder


def with_biases(prefix, layers):
    return {
        f"{prefix}.{name}.{part}": shape if part == "weight" else shape[:1]
        for name, shape in layers.items()
        for part in ("weight", "bias")
    }


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory, weights):
    config = {
        "model_type": "bert",
        "vocab_size": SIZES["vocab"],
        "hidden_size": SIZES["hidden"],
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": SIZES["inner"],
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": SIZES["positions"],
        "type_vocab_size": SIZES["types"],
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }
    shapes = BERT | with_biases("encoder.layer.0", BERT_LAYERS)
    return save(tmp_path_factory.mktemp("weights") / "bert", config, shapes, weights)


@pytest.fixture(scope="session")
def tiny_distilbert(tmp_path_factory, weights):
    config = {
        "model_type": "distilbert",
        "vocab_size": SIZES["vocab"],
        "dim": SIZES["hidden"],
        "n_layers": 1,
        "n_heads": 2,
        "hidden_dim": SIZES["inner"],
        "activation": "gelu",
        "dropout": 0.1,
        "attention_dropout": 0.1,
        "max_position_embeddings": SIZES["positions"],
        "pad_token_id": 0,
    }
    embeddings = {
        f"distilbert.{name}": shape
        for name, shape in BERT.items()
        if name.startswith("embeddings.") and "token_type" not in name
    }
    shapes = embeddings | with_biases("distilbert.transformer.layer.0", DISTILBERT_LAYERS)
    return save(tmp_path_factory.mktemp("weights") / "distilbert", config, shapes, weights)


LENGTH = 16
WORDS = (
    "terrible broken waste",
    "bad poor weak",
    "okay average fine",
    "good nice",
    "great love it",
)


@pytest.fixture(scope="session")
def features(image, weights, tmp_path_factory):
    """The output of the features job: 60 reviews whose words tell the rating."""
    folder = tmp_path_factory.mktemp("features")
    rows = [
        f"US\t1\tR{n}\tB1\t1\tT\tGift Card\t{n % 5 + 1}\t0\t0\tN\tY\tH\t{WORDS[n % 5]} number {n}"
        "\t2015-08-31"
        for n in range(60)
    ]
    (folder / "reviews.tsv").write_text("\n".join(["\t".join(NAMES), *rows]) + "\n")
    words = ("--max-seq-length", LENGTH, "--balance-dataset", "False")
    splits = ("--train-split-percentage", 0.6, "--validation-split-percentage", 0.2)
    words = (*words, *splits, "--test-split-percentage", 0.2)
    output = folder / "output"
    ended = image.run(
        "prepare_features.py",
        *("--input", folder / "reviews.tsv", "--weights", weights, "--output", output, *words),
    )
    assert ended.returncode == 0, ended.stderr
    return output / "bert"


@pytest.fixture
def hyperparameters(features, tiny_bert, tmp_path):
    """Return a function that makes the words of a run in a folder of its own."""

    def words(name="run", **changed):
        options = {
            "train": features / "train",
            "validation": features / "validation",
            "weights": tiny_bert,
            "model_output": tmp_path / name / "model",
            "checkpoints": tmp_path / name / "checkpoints",
            "epochs": 2,
            "learning_rate": 0.01,
            "train_batch_size": 8,
            "validation_batch_size": 8,
            **changed,
        }
        return [str(word) for key, value in options.items() for word in (f"--{key}", value)]

    return words
