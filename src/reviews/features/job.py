"""Prepare features: read reviews, refuse bad rows, split, balance, tokenize, write.

Two passes over the data in constant memory: `partitions.scatter` reads the input once and lays good rows
down by the hash of their id; then each partition is looked through for repeated ids, and encoded. With
`ShardedByS3Key` every instance does this to its share of the files: the validation and test splits, and
the training split before balancing, are those of one instance. Balancing is per instance: each makes its
own classes equal, so their union is balanced too.
"""

import json
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviews.features import arguments, report
from reviews.features.balance import CannotBalance
from reviews.features.encode import Counts, Part, encode
from reviews.features.partitions import make_partitions, refused, scatter, share_out
from reviews.features.selection import balance_training, count, drop_repeated, marks
from reviews.features.split import SPLITS, Splitter
from reviews.features.work import cores, side_by_side
from reviews.host import current_host
from reviews.quarantine import Quarantine, TooManyRejects
from reviews.readers import ReadError, review_files
from reviews.spec import TOKENIZER, FeatureSpec
from reviews.tokenization import ReviewTokenizer
from reviews.tokenizer import UnfitTokenizer


def main(words: Sequence[str] | None = None) -> int:
    """Run the job; what is wrong with the data or the arguments is one line on stderr and exit code 1."""
    options = arguments.parse(words)
    try:
        run(options)
    except (ReadError, TooManyRejects, CannotBalance, UnfitTokenizer) as error:
        print(f"prepare_features: {error}", file=sys.stderr)
        return 1
    return 0


def run(options: Namespace) -> None:
    """Read the input and write splits, report and quarantine below `options.output`."""
    spec = FeatureSpec(options.max_seq_length)
    ReviewTokenizer(
        options.weights / TOKENIZER, spec.max_seq_length
    )  # refused now, not after the work
    host = current_host()
    output: Path = options.output
    for split in SPLITS:
        (output / "bert" / split).mkdir(parents=True, exist_ok=True)
    shares = [getattr(options, f"{split}_split_percentage") for split in SPLITS]
    files = review_files(options.input)
    rejects = output / "quarantine" / f"rejects-{host}.jsonl"
    with (
        tempfile.TemporaryDirectory() as temporary,
        Quarantine(rejects, options.max_reject_share) as quarantine,
    ):
        partitions = make_partitions(files, Path(temporary))
        splitter = Splitter(shares, options.seed)
        with side_by_side(len(partitions)) as do:
            readings = share_out(files, splitter, partitions, cores())
            for reading, accepted in zip(readings, do(scatter, readings), strict=True):
                quarantine.add(accepted, refused(reading))
            drop_repeated(partitions, files, quarantine)
            quarantine.check()
            before = count(partitions, spec)
            if options.balance_dataset:
                balance_training(partitions, spec)
            counts = Counts()
            for found in do(encode, parts_of(partitions, spec, host, options)):
                counts.add(found)
    spec.save(output / "bert" / "train", options.weights / TOKENIZER)
    content = {
        "files": [file.name for file in files],
        "quarantine": quarantine.report(),
        "split_before_balancing": report.by_star(before, spec.star_ratings),
        "split": report.by_star(counts.rows, spec.star_ratings),
        "balanced": options.balance_dataset,
        "text": report.cut(counts.lengths, spec.max_seq_length),
        "feature_group": feature_group(options),
    }
    write_report(output / "report" / f"features-{host}.json", content)


def feature_group(options: Namespace) -> dict[str, str]:
    """Return what an ingestion into SageMaker Feature Store must know of the Parquet files."""
    return {
        "feature_group_name": options.feature_group_name,
        "offline_store_prefix": options.feature_store_offline_prefix,
        "record_identifier": "review_id",
        "event_time": "date",
    }


def parts_of(
    partitions: Sequence[Path], spec: FeatureSpec, host: str, options: Namespace
) -> list[Part]:
    """Return the pieces of work that partitions are."""
    tokenizer = options.weights / TOKENIZER
    folder = options.output / "bert"
    return [
        Part(
            path,
            marks(path),
            f"part-{host}-{n:04}",
            folder,
            tokenizer,
            spec,
            feature_group(options),
        )
        for n, path in enumerate(partitions)
    ]


def write_report(path: Path, content: dict[str, Any]) -> None:
    """Write the report, and what matters of it to the log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")
    for split, stars in content["split"].items():
        print(f"{split}: {sum(stars.values())} reviews, by star {stars}")
    refused, text = content["quarantine"]["rejected"], content["text"]
    print(f"refused: {refused} of {content['quarantine']['rows']} rows")
    if text["reviews"]:
        print(
            f"MaxSeqLength {text['max_seq_length']} cuts {text['share_of_reviews_cut']:.1%} of the "
            f"reviews and {text['share_of_tokens_cut']:.1%} of the tokens"
        )
