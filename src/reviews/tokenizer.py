"""The fast tokenizer of a BERT-family model. Needs only `tokenizers`: the model server has no more."""

from pathlib import Path

from tokenizers import Tokenizer


class UnfitTokenizer(Exception):
    """The tokenizer cannot make the model's inputs."""


def load(file: Path, max_seq_length: int) -> Tokenizer:
    """Return the tokenizer of a Hugging Face `tokenizer.json`, whose padding token has the id 0.

    It neither cuts nor pads. UnfitTokenizer where it cannot pad with 0 or where nothing would be left.
    """
    if not file.is_file():
        raise UnfitTokenizer(f"{file}: expected the tokenizer of a Hugging Face folder, found none")
    if max_seq_length < 3:
        raise UnfitTokenizer(f"expected a max_seq_length from 3, found {max_seq_length}")
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if tokenizer.token_to_id("[PAD]") != 0:
        raise UnfitTokenizer(f"{file}: expected a BERT-family tokenizer whose [PAD] has the id 0")
    return tokenizer


def cut(ids: list[int], most: int) -> list[int]:
    """Return at most so many tokens: what is too long keeps its beginning and its last one, [SEP]."""
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]
