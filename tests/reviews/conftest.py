"""The TensorFlow image with what our source bundle adds to it, small weights, reviews to train on."""

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from reviews.schema import NAMES
from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / "../shared/data/reviews"
ENTRY_POINTS = ROOT / "src" / "reviews" / "entry_points"
ASSETS = environment.cache() / "assets"


class Image:
    """Processes of the TensorFlow image, set up as the source bundle sets up a job."""

    def __init__(self, folder):
        self.python = environment.prefix("tensorflow") / "bin" / "python"
        self.folder = folder
        self._worker = None
        bundle = folder / "bundle"
        shutil.copytree(ENTRY_POINTS, bundle)
        shutil.copy(ROOT / "pipelines" / "assets" / "training-wheels.txt", bundle / "wheels.txt")
        (bundle / "wheels").symlink_to(ASSETS / "training-wheels")
        (bundle / "reviews").symlink_to(ROOT / "src" / "reviews")
        self.bundle, self.site = bundle, folder / "site"
        self.install("requirements.txt", self.site)

    def install(self, requirements, target):
        """Install as a job does: pip runs in the source directory, and there is no network."""
        command = [self.python, "-m", "pip", "install", "-q", "--target", target]
        environ = {"PIP_NO_DEPS": "1", "PATH": os.environ["PATH"]}
        subprocess.run([*command, "-r", requirements], cwd=self.bundle, env=environ, check=True)

    def start(self, *command, **options):
        environ = {"PYTHONPATH": f"{self.bundle}:{self.site}", "PATH": os.environ["PATH"]}
        return subprocess.Popen(
            [str(word) for word in (self.python, *command)], env=environ, text=True, **options
        )

    def run(self, script, *words):
        """Run an entry script to its end."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = self.start(self.bundle / script, *words, **pipes)
        out, err = process.communicate(timeout=200)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def call(self, function, *arguments):
        """Call a function `file.name` of `in_image/` in a process of the image that lives on."""
        if self._worker is None:
            self._log = (self.folder / "worker.log").open("w")
            self._worker = self.start(
                Path(__file__).with_name("image_worker.py"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        file, name = function.split(".")
        request = {
            "file": str(Path(__file__).parent / "in_image" / f"{file}.py"),
            "function": name,
            "arguments": arguments,
        }
        self._worker.stdin.write(json.dumps(request, default=str) + "\n")
        self._worker.stdin.flush()
        line = self._worker.stdout.readline()
        assert line, Path(self._log.name).read_text()[-2000:]
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def close(self):
        if self._worker is not None:
            self._worker.stdin.close()
            self._worker.wait(30)
            self._log.close()


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
